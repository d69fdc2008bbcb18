-- name: all_shops()
-- Every shop, for the directory.
SELECT id, domain, is_active, webhook_secrets, updated_at FROM store.shops;

-- name: changed_shops(newest_change)
-- Shops changed since shortly before the newest change seen; the overlap catches transactions that committed late.
SELECT id, domain, is_active, webhook_secrets, updated_at FROM store.shops
WHERE updated_at > :newest_change::timestamptz - interval '1 minute';

-- name: shops_by_domain(domains)
-- Shops the directory does not hold yet.
SELECT id, domain, is_active, webhook_secrets, updated_at FROM store.shops WHERE domain = ANY(:domains::text[]);
