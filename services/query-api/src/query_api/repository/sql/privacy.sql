-- name: newest_requests(shop_ids, wanted)
-- The last privacy requests; NULL: of all shops, unknown ones included.
SELECT id, shop_id, shop_domain, kind, task_id, summary, export IS NOT NULL AS has_export, requested_at, due_at, done_at
FROM admin.privacy_requests
WHERE :shop_ids::bigint[] IS NULL OR shop_id = ANY(:shop_ids::bigint[])
ORDER BY id DESC LIMIT :wanted;

-- name: export(request_id)^
-- What a data request found, with the key it is sealed with.
SELECT r.shop_id, r.task_id, r.export, s.data_key
FROM admin.privacy_requests r LEFT JOIN store.shops s ON s.id = r.shop_id
WHERE r.id = :request_id;
