-- name: all_shops()
-- Every shop, for the directory.
SELECT id, domain, is_active, webhook_secrets, updated_at FROM store.shops;

-- name: changed_shops(newest_change)
-- Shops changed since shortly before the newest change seen, or with such an account; the overlap catches
-- transactions that committed late.
SELECT id, domain, is_active, webhook_secrets, updated_at FROM store.shops AS s
WHERE updated_at > :newest_change::timestamptz - interval '1 minute'
   OR EXISTS (SELECT FROM store.accounts AS a
              WHERE a.shop_id = s.id AND a.updated_at > :newest_change::timestamptz - interval '1 minute');

-- name: shops_by_domain(domains)
-- Shops the directory does not hold yet.
SELECT id, domain, is_active, webhook_secrets, updated_at FROM store.shops WHERE domain = ANY(:domains::text[]);

-- name: senders(shop_ids)
-- The accounts whose side sends signed webhooks, newest first; inactive ones for when they changed.
SELECT id, shop_id, kind, is_active, credentials, updated_at FROM store.accounts
WHERE shop_id = ANY(:shop_ids::bigint[]) AND kind IN ('engage', 'woocommerce', 'standard', 'shipper')
ORDER BY shop_id, id DESC;
