-- name: account_of_shop(shop_id, kind)^
-- The shop's active account of a kind; the oldest if there are several.
SELECT id FROM store.accounts WHERE shop_id = :shop_id AND kind = :kind AND is_active ORDER BY id LIMIT 1;

-- name: account(account_id, shop_id)^
-- One account of the shop with its sealed credentials.
SELECT id, name, base_url, credentials, settings, is_active,
       (SELECT uninstalled_at FROM store.shops WHERE id = :shop_id) AS uninstalled_at
FROM store.accounts WHERE id = :account_id AND shop_id = :shop_id;

-- name: account_of_kind(shop_id, kind, account_id)^
-- The shop's account of a kind with its sealed credentials: the named one, else an active one, else any.
SELECT id, name, base_url, credentials, settings, is_active,
       (SELECT uninstalled_at FROM store.shops WHERE id = :shop_id) AS uninstalled_at
FROM store.accounts WHERE shop_id = :shop_id AND kind = :kind
ORDER BY id IS NOT DISTINCT FROM :account_id::bigint DESC, is_active DESC, id LIMIT 1;

-- name: kind_of_account(account_id, shop_id)$
-- Which system an account of the shop is for.
SELECT kind FROM store.accounts WHERE id = :account_id AND shop_id = :shop_id;
