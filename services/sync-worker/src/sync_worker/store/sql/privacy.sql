-- name: open_request(shop_id, shop_domain, kind, subject_hash, task_id, subject, due_at)^
-- Writes down what was asked for; asking again for the same task changes nothing.
INSERT INTO admin.privacy_requests (shop_id, shop_domain, kind, subject_hash, task_id, subject, due_at)
VALUES (nullif(:shop_id::bigint, 0), :shop_domain, :kind, :subject_hash, :task_id, :subject, :due_at)
ON CONFLICT (task_id) DO UPDATE SET task_id = excluded.task_id
RETURNING *;

-- name: request(request_id)^
-- One request.
SELECT * FROM admin.privacy_requests WHERE id = :request_id;

-- name: advance_request(cursor, summary, request_id, since)!
-- How far it has come, unless somebody else went further.
UPDATE admin.privacy_requests SET cursor = :cursor::jsonb, summary = :summary
WHERE id = :request_id AND done_at IS NULL AND cursor IS NOT DISTINCT FROM :since::jsonb;

-- name: close_request(summary, request_id)!
-- It is done, and whom it was about is forgotten.
UPDATE admin.privacy_requests SET summary = :summary, done_at = now(), subject = NULL, cursor = NULL
WHERE id = :request_id AND done_at IS NULL;

-- name: keep_export(export, summary, request_id)!
-- What was found for the person, sealed.
UPDATE admin.privacy_requests SET export = :export, summary = :summary, done_at = now(), subject = NULL
WHERE id = :request_id AND done_at IS NULL;

-- name: drop_exports_about(request_id)!
-- What was handed out of the person a request is about.
UPDATE admin.privacy_requests e SET export = NULL FROM admin.privacy_requests r
WHERE r.id = :request_id AND e.shop_id = r.shop_id AND e.subject_hash = r.subject_hash AND e.export IS NOT NULL;

-- name: shop(shop_id)^
-- The shop a request is about, held until the transaction ends.
SELECT id, domain, is_active, installed_at, uninstalled_at, data_key FROM store.shops WHERE id = :shop_id FOR NO KEY UPDATE;

-- name: customer(shop_id, source_id)^
-- All that is stored of a customer.
SELECT source_id, updated_at, deleted_at, data, contact_id, synced, synced_at, email_consent, sms_consent, crm_preferences, tags, tag_changes
FROM store.customers WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: orders(shop_id, customer_id, order_ids)
-- A person's orders, held until the transaction ends.
SELECT source_id, order_number, updated_at, data FROM store.orders
WHERE shop_id = :shop_id AND (customer_id = :customer_id OR source_id = ANY(:order_ids::text[]))
ORDER BY source_id FOR UPDATE;

-- name: refunds(shop_id, order_ids)
-- What went back of some orders.
SELECT source_id, order_id, created_at, data FROM store.refunds
WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[]) ORDER BY source_id;

-- name: fulfilments(shop_id, order_ids)
-- The parcels of some orders.
SELECT source_id, order_id, updated_at, data FROM store.fulfilments
WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[]) ORDER BY source_id;

-- name: supplier_orders(shop_id, order_ids)
-- Where some orders were handed to.
SELECT order_id, order_number, supplier_reference, status, tracking_numbers, tracking_url FROM store.supplier_orders
WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[]) ORDER BY order_id;

-- name: shipments(shop_id, order_ids)
-- The packages some orders were sent in.
SELECT order_id, order_number, carrier, service, tracking_numbers, tracking_url, shipped_at FROM store.shipments
WHERE account_id IN (SELECT id FROM store.accounts WHERE shop_id = :shop_id AND kind = 'shopify')
  AND order_id = ANY(:order_ids::text[]) ORDER BY id;

-- name: strip_orders(shop_id, source_ids, datas)!
-- The orders without the person; the hash makes any later state count as a new one.
UPDATE store.orders o SET data = n.data, customer_id = NULL, content_hash = 'erased', indexed_at = now()
FROM unnest(:source_ids::text[], :datas::jsonb[]) AS n (source_id, data)
WHERE o.shop_id = :shop_id AND o.source_id = n.source_id;

-- name: strip_refunds(shop_id, source_ids, datas)!
-- The refunds without the person.
UPDATE store.refunds r SET data = n.data FROM unnest(:source_ids::text[], :datas::jsonb[]) AS n (source_id, data)
WHERE r.shop_id = :shop_id AND r.source_id = n.source_id;

-- name: strip_fulfilments(shop_id, source_ids, datas)!
-- The parcels without the person.
UPDATE store.fulfilments f SET data = n.data FROM unnest(:source_ids::text[], :datas::jsonb[]) AS n (source_id, data)
WHERE f.shop_id = :shop_id AND f.source_id = n.source_id;

-- name: strip_supplier_orders(shop_id, order_ids)!
-- What leads to the door a parcel was brought to.
UPDATE store.supplier_orders SET tracking_numbers = '{}', tracking_url = NULL
WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[]);

-- name: strip_shipments(shop_id, order_ids)!
-- What leads to the door a package was brought to, and what somebody noted of it.
UPDATE store.shipments
SET tracking_numbers = '{}', tracking_url = NULL, tried_numbers = '{}', note = NULL,
    told = told - ARRAY['tracking_numbers', 'tracking_url']
WHERE account_id IN (SELECT id FROM store.accounts WHERE shop_id = :shop_id AND kind = 'shopify')
  AND order_id = ANY(:order_ids::text[]);

-- name: forget_changes(shop_id, source_ids)!
-- Nothing of the person waits to be told to the CRM.
DELETE FROM store.import_changes c USING store.imports i
WHERE i.id = c.import_id AND i.shop_id = :shop_id AND c.source_id = ANY(:source_ids::text[]);

-- name: oldest_payload()$
-- The oldest task of which bodies are kept.
SELECT task_id FROM ledger.payloads ORDER BY task_id LIMIT 1;

-- name: tasks(shop_id, after, wanted)
-- The next tasks of a shop.
SELECT task_id, source_id, type FROM ledger.tasks
WHERE shop_id = :shop_id AND task_id > :after ORDER BY task_id LIMIT :wanted;

-- name: exchanges(task_ids)
-- What is kept of the data of some tasks.
SELECT task_id, attempt, position, meta, sent, received FROM ledger.payloads
WHERE task_id = ANY(:task_ids::uuid[]) AND (sent IS NOT NULL OR received IS NOT NULL OR meta ?| ARRAY['url', 'sealed']);

-- name: erase_exchanges(task_ids, attempts, positions, metas)!
-- Bodies go; that there was an exchange stays.
UPDATE ledger.payloads p SET sent = NULL, received = NULL, meta = n.meta
FROM unnest(:task_ids::uuid[], :attempts::integer[], :positions::integer[], :metas::jsonb[])
     AS n (task_id, attempt, position, meta)
WHERE p.task_id = n.task_id AND p.attempt = n.attempt AND p.position = n.position;

-- name: erase_tasks(task_ids)!
-- All bodies of some tasks go.
UPDATE ledger.payloads SET sent = NULL, received = NULL, meta = jsonb_build_object('bodies', 'erased on a privacy request')
WHERE task_id = ANY(:task_ids::uuid[]) AND (sent IS NOT NULL OR received IS NOT NULL OR meta ?| ARRAY['url', 'sealed']);

-- name: scrub_events(task_ids)!
-- Excerpts of answers go out of the log.
UPDATE ledger.task_events SET detail = detail #- '{failure,response_excerpt}'
WHERE task_id = ANY(:task_ids::uuid[]) AND detail #> '{failure,response_excerpt}' IS NOT NULL;

-- name: scrub_tasks(task_ids)!
-- And out of what is shown of it.
UPDATE ledger.tasks SET error_excerpt = NULL WHERE task_id = ANY(:task_ids::uuid[]) AND error_excerpt IS NOT NULL;

-- name: spooled(after, wanted)
-- Tasks that wait for the broker.
SELECT id, body FROM ingest.spool WHERE id > :after ORDER BY id LIMIT :wanted;

-- name: remove_spooled(ids)!
-- Tasks that will not be published.
DELETE FROM ingest.spool WHERE id = ANY(:ids::bigint[]);

-- name: outcomes(wanted)
-- What finished attempts have not published yet.
SELECT task_id, attempt, outcome FROM store.inbox WHERE outcome IS NOT NULL LIMIT :wanted;

-- name: replace_outcome(outcome, task_id, attempt, known)!
-- The outcome without bodies, unless it was published meanwhile.
UPDATE store.inbox SET outcome = :outcome WHERE task_id = :task_id AND attempt = :attempt AND outcome = :known;

-- name: imports_with_lines(shop_id)
-- Imports of the shop of which lines are staged, and how many there are.
SELECT id, lines FROM store.imports i
WHERE shop_id = :shop_id AND EXISTS (SELECT FROM store.import_lines l WHERE l.import_id = i.id);

-- name: remove_lines(import_id, since, until, needles)!
-- Staged lines that mention the person.
DELETE FROM store.import_lines l
WHERE import_id = :import_id AND line > :since AND line <= :until
  AND EXISTS (SELECT FROM unnest(:needles::bytea[]) AS needle WHERE position(needle IN l.body) > 0);
