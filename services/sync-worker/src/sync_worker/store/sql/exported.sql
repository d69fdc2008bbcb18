-- name: lock_customers(shop_id, source_ids)
-- What is stored of some customers, held until the transaction ends.
SELECT source_id, updated_at, triggered_at, deleted_at, content_hash, contact_id, email_consent, sms_consent, tags, tag_changes
FROM store.customers WHERE shop_id = :shop_id AND source_id = ANY(:source_ids::text[]) ORDER BY source_id FOR UPDATE;

-- name: lock_orders(shop_id, source_ids, account_id)
-- What is stored of some orders, held until the transaction ends; which are paid and in no receipt of the CRM account.
SELECT source_id, updated_at, triggered_at, deleted_at, content_hash,
       :account_id::bigint IS NOT NULL AND data ->> 'financial_status' IN ('paid', 'partially_refunded', 'refunded')
           AND NOT EXISTS (SELECT FROM store.receipts r WHERE r.account_id = :account_id AND r.order_id = o.source_id)
           AS is_untold
FROM store.orders o WHERE shop_id = :shop_id AND source_id = ANY(:source_ids::text[]) ORDER BY source_id FOR UPDATE;

-- name: keep_customers(shop_id, source_ids, updated_ats, content_hashes, datas, email_consents, sms_consents, tags, judged)
-- Exported states become the stored ones, unless a customer came in meanwhile that was not `judged` and is as new.
INSERT INTO store.customers AS c
    (shop_id, source_id, updated_at, content_hash, data, email_consent, sms_consent, tags)
SELECT :shop_id, n.source_id, n.updated_at, n.content_hash, n.data, n.email_consent, n.sms_consent,
       ARRAY(SELECT jsonb_array_elements_text(n.tags -> 'tags'))
FROM unnest(:source_ids::text[], :updated_ats::timestamptz[], :content_hashes::bytea[], :datas::jsonb[],
            :email_consents::jsonb[], :sms_consents::jsonb[], :tags::jsonb[])
     AS n (source_id, updated_at, content_hash, data, email_consent, sms_consent, tags)
ORDER BY n.source_id
ON CONFLICT (shop_id, source_id) DO UPDATE
SET updated_at = excluded.updated_at, content_hash = excluded.content_hash, data = excluded.data, indexed_at = now()
WHERE c.deleted_at IS NULL
  AND (c.content_hash IS NULL OR c.updated_at < excluded.updated_at OR c.source_id = ANY(:judged::text[]))
RETURNING source_id;

-- name: keep_consents(shop_id, source_ids, email_consents, sms_consents, tags)!
-- Consents and tags of stored customers; what is NULL stays as it is.
UPDATE store.customers c
SET email_consent = coalesce(n.email_consent, c.email_consent), sms_consent = coalesce(n.sms_consent, c.sms_consent),
    tags = CASE WHEN n.tags IS NULL THEN c.tags ELSE ARRAY(SELECT jsonb_array_elements_text(n.tags -> 'tags')) END
FROM unnest(:source_ids::text[], :email_consents::jsonb[], :sms_consents::jsonb[], :tags::jsonb[])
     AS n (source_id, email_consent, sms_consent, tags)
WHERE c.shop_id = :shop_id AND c.source_id = n.source_id AND c.deleted_at IS NULL;

-- name: keep_orders(shop_id, source_ids, order_numbers, customer_ids, updated_ats, content_hashes, datas, judged)
-- Exported states become the stored ones, unless an order came in meanwhile that was not `judged` and is as new.
INSERT INTO store.orders AS o (shop_id, source_id, order_number, customer_id, updated_at, content_hash, data)
SELECT :shop_id, n.* FROM unnest(:source_ids::text[], :order_numbers::text[], :customer_ids::text[],
    :updated_ats::timestamptz[], :content_hashes::bytea[], :datas::jsonb[])
    AS n (source_id, order_number, customer_id, updated_at, content_hash, data)
ORDER BY n.source_id
ON CONFLICT (shop_id, source_id) DO UPDATE
SET order_number = excluded.order_number, customer_id = excluded.customer_id, updated_at = excluded.updated_at,
    content_hash = excluded.content_hash, data = excluded.data, indexed_at = now()
WHERE o.deleted_at IS NULL
  AND (o.content_hash IS NULL OR o.updated_at < excluded.updated_at OR o.source_id = ANY(:judged::text[]))
RETURNING source_id;
