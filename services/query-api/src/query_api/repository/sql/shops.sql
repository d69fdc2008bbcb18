-- name: shop_ids()
-- Every shop there is, and 0: tasks for shops nobody knows.
SELECT 0::bigint AS id UNION ALL SELECT id FROM store.shops ORDER BY id;

-- name: all_shops()
-- Every shop, by domain.
SELECT id, domain, name, timezone, is_active FROM store.shops ORDER BY domain;

-- name: some_shops(shop_ids)
-- The shops somebody may see, by domain.
SELECT id, domain, name, timezone, is_active FROM store.shops
WHERE id = ANY(:shop_ids::bigint[]) ORDER BY domain;

-- name: data_key(shop_id)$
-- The sealed key of a shop's stored payloads.
SELECT data_key FROM store.shops WHERE id = :shop_id;

-- name: account_names(account_ids)
-- What to call accounts.
SELECT id, kind, name FROM store.accounts WHERE id = ANY(:account_ids::bigint[]);

-- name: shops_of_accounts(account_ids)
-- The shop of each account that is still there.
SELECT id, shop_id FROM store.accounts WHERE id = ANY(:account_ids::bigint[]);

-- name: account_exists(account_id, shop_ids)$
-- Whether some shops have an account; of any shop when none are named.
SELECT EXISTS (SELECT FROM store.accounts
               WHERE id = :account_id AND (:shop_ids::bigint[] IS NULL OR shop_id = ANY(:shop_ids::bigint[])));

-- name: shop_id(domain)$
-- The shop with a domain; NULL when there is none.
SELECT id FROM store.shops WHERE domain = :domain;

-- name: insert_shop(domain, name, email, timezone, webhook_secrets, data_key)$
-- A new shop; NULL when the domain is taken.
INSERT INTO store.shops (domain, name, email, timezone, webhook_secrets, data_key)
VALUES (:domain, :name, :email, :timezone, :webhook_secrets::bytea[], :data_key)
ON CONFLICT (domain) DO NOTHING
RETURNING id;

-- name: lock_shop(domain)^
-- One shop by its domain, kept as it is until the transaction ends.
SELECT id, webhook_secrets FROM store.shops WHERE domain = :domain FOR UPDATE;

-- name: update_shop(shop_id, name, email, timezone)!
-- New particulars of a shop, which is active again.
UPDATE store.shops
SET name = :name, email = :email, timezone = :timezone, is_active = true, uninstalled_at = NULL,
    installed_at = CASE WHEN is_active THEN installed_at ELSE now() END, updated_at = now()
WHERE id = :shop_id;

-- name: set_webhook_secrets(shop_id, webhook_secrets)!
-- All secrets that are accepted from now on, newest first.
UPDATE store.shops SET webhook_secrets = :webhook_secrets::bytea[], updated_at = now() WHERE id = :shop_id;

-- name: shop_listing()
-- Shops for an administrator, with how many secrets each accepts.
SELECT id, domain, name, email, timezone, is_active, cardinality(webhook_secrets) AS secrets
FROM store.shops ORDER BY domain;

-- name: kept_shops(shop_ids)
-- Shops somebody may see (NULL: all) as their settings show them: with how many secrets each accepts.
SELECT id, domain, name, email, timezone, is_active, cardinality(webhook_secrets) AS secrets, payload_days
FROM store.shops WHERE :shop_ids::bigint[] IS NULL OR id = ANY(:shop_ids::bigint[]) ORDER BY domain;

-- name: kept_shop(domain)^
-- One of them.
SELECT id, domain, name, email, timezone, is_active, cardinality(webhook_secrets) AS secrets, payload_days
FROM store.shops WHERE domain = :domain;

-- name: change_shop(shop_id, name, email, timezone)!
-- Other particulars of a shop (NULL: as they are), whether it is active or not.
UPDATE store.shops
SET name = coalesce(:name::text, name), email = coalesce(:email::text, email),
    timezone = coalesce(:timezone::text, timezone), updated_at = now()
WHERE id = :shop_id;
