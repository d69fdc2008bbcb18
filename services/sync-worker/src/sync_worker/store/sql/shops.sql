-- name: keep_currency(currency, shop_id)!
-- The shop's currency as its Admin API tells it.
UPDATE store.shops SET currency = :currency, updated_at = now()
WHERE id = :shop_id AND currency IS DISTINCT FROM :currency;

-- name: keep_shop(name, email, currency, timezone, told_at, shop_id)^
-- What the shop tells of itself, if it is not older than what it told before; what it leaves out stays.
UPDATE store.shops
SET name = coalesce(:name, name), email = coalesce(:email, email), currency = coalesce(:currency, currency),
    timezone = coalesce(:timezone, timezone), told_at = coalesce(:told_at, told_at), updated_at = now()
WHERE id = :shop_id AND (told_at IS NULL OR :told_at::timestamptz IS NULL OR told_at <= :told_at)
RETURNING name, email, currency, timezone;

-- name: shop(shop_id)^
-- What is known of the shop.
SELECT name, email, currency, timezone FROM store.shops WHERE id = :shop_id;

-- name: keep_crm_stores(account_id, external_ids, names, contents)!
-- The CRM's stores as they are now.
INSERT INTO store.crm_stores AS s (account_id, external_id, name, data)
SELECT :account_id, * FROM unnest(:external_ids::text[], :names::text[], :contents::jsonb[])
ON CONFLICT (account_id, external_id) DO UPDATE SET name = excluded.name, data = excluded.data, indexed_at = now();

-- name: drop_crm_stores(account_id, external_ids)
-- Forgets the stores the CRM does not have any more; their ids.
DELETE FROM store.crm_stores WHERE account_id = :account_id AND NOT external_id = ANY(:external_ids::text[])
RETURNING external_id;

-- name: crm_store_ids(account_id)
-- The stores that were known before.
SELECT external_id FROM store.crm_stores WHERE account_id = :account_id;

-- name: was_listed(account_id, external_id, within)$
-- Whether the CRM listed a store lately, with the account as it is now.
SELECT EXISTS (
    SELECT FROM store.crm_stores s JOIN store.accounts a ON a.id = s.account_id
    WHERE s.account_id = :account_id AND s.external_id = :external_id
      AND s.indexed_at > greatest(now() - :within::interval, a.updated_at)
);

-- name: domain(shop_id)$
-- By which domain the shop is known.
SELECT domain FROM store.shops WHERE id = :shop_id;
