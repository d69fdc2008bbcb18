-- name: insert_import(import_id, shop_id, kinds, kind, requested_by, task_id)$
-- A new import; NULL while another one of the shop is under way.
INSERT INTO store.imports (id, shop_id, kinds, kind, state, requested_by, task_id)
VALUES (:import_id, :shop_id, :kinds::text[], :kind, 'requested', :requested_by, :task_id)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: import_under_way(shop_id)^
-- The import of a shop that has not ended.
SELECT * FROM store.imports WHERE shop_id = :shop_id AND finished_at IS NULL;

-- name: one_import(import_id)^
-- One import.
SELECT * FROM store.imports WHERE id = :import_id;

-- name: newest_imports(shop_ids, wanted)
-- The last imports of some shops.
SELECT i.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT * FROM store.imports WHERE shop_id = shop.id ORDER BY requested_at DESC LIMIT :wanted
) AS i
ORDER BY i.requested_at DESC, i.id LIMIT :wanted;

-- name: stop_import(import_id)^
-- Ends an import that is under way; its next task tidies up.
UPDATE store.imports SET state = 'stopped', finished_at = now(), url = NULL, updated_at = now()
WHERE id = :import_id AND finished_at IS NULL
RETURNING *;

-- name: import_failures(import_id, kind, after, wanted)
-- What of an export could not be used.
SELECT line, object_id, reason FROM store.import_failures
WHERE import_id = :import_id AND kind = :kind AND line > :after ORDER BY line LIMIT :wanted;

-- name: shop_for_import(shop_id)^
-- Whether a shop can be asked for an export.
SELECT s.is_active,
       EXISTS (SELECT FROM store.accounts a WHERE a.shop_id = s.id AND a.kind = 'shopify' AND a.is_active) AS has_account
FROM store.shops s WHERE s.id = :shop_id;
