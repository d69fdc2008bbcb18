-- name: upsert_account(shop_id, kind, name, base_url, credentials, settings)$
-- A new account, or new particulars of a known one, whose earlier problem is thereby answered.
INSERT INTO store.accounts AS a (shop_id, kind, name, base_url, credentials, settings)
VALUES (:shop_id, :kind, :name, :base_url, :credentials, :settings::jsonb)
ON CONFLICT (shop_id, kind, name) DO UPDATE
SET base_url = excluded.base_url, credentials = excluded.credentials, settings = excluded.settings,
    problem = NULL, is_active = true, updated_at = now()
RETURNING id;

-- name: insert_account(shop_id, kind, name, base_url, credentials, settings)$
-- A new account; NULL when the shop has one of this kind and name.
INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, settings)
VALUES (:shop_id, :kind, :name, :base_url, :credentials, :settings::jsonb)
ON CONFLICT (shop_id, kind, name) DO NOTHING
RETURNING id;

-- name: lock_account(account_id)^
-- One account with its sealed credentials, kept as it is until the transaction ends.
SELECT id, shop_id, kind, name, base_url, credentials, settings, is_active
FROM store.accounts WHERE id = :account_id FOR UPDATE;

-- name: change_account(account_id, name, base_url, credentials, settings, is_active)!
-- New particulars; what was wrong with the old ones is answered thereby.
UPDATE store.accounts
SET name = :name, base_url = :base_url, credentials = :credentials, settings = :settings::jsonb,
    is_active = :is_active, problem = NULL, updated_at = now()
WHERE id = :account_id;

-- name: release(account_id)!
-- What waited for its credentials may go on; a pause that the other side asked for stays.
DELETE FROM store.throttles WHERE account_id = :account_id AND is_hold;

-- name: accounts(shop_ids, kinds)
-- Accounts of some shops (NULL: of all) and kinds (NULL: all), with how long they pause.
SELECT a.id, a.shop_id, s.domain, a.kind, a.name, a.base_url, a.credentials, a.settings, a.is_active, a.problem,
       CASE WHEN t.paused_until > now() THEN t.paused_until END AS paused_until,
       CASE WHEN t.paused_until > now() THEN t.reason END AS pause_reason,
       coalesce(t.is_hold AND t.paused_until > now(), false) AS is_held, a.created_at, a.updated_at
FROM store.accounts a
JOIN store.shops s ON s.id = a.shop_id
LEFT JOIN store.throttles t ON t.account_id = a.id
WHERE (:shop_ids::bigint[] IS NULL OR a.shop_id = ANY(:shop_ids::bigint[]))
  AND (:kinds::text[] IS NULL OR a.kind = ANY(:kinds::text[]))
ORDER BY s.domain, a.kind, a.name;

-- name: account(account_id)^
-- One account.
SELECT a.id, a.shop_id, s.domain, a.kind, a.name, a.base_url, a.credentials, a.settings, a.is_active, a.problem,
       CASE WHEN t.paused_until > now() THEN t.paused_until END AS paused_until,
       CASE WHEN t.paused_until > now() THEN t.reason END AS pause_reason,
       coalesce(t.is_hold AND t.paused_until > now(), false) AS is_held, a.created_at, a.updated_at
FROM store.accounts a
JOIN store.shops s ON s.id = a.shop_id
LEFT JOIN store.throttles t ON t.account_id = a.id
WHERE a.id = :account_id;

-- name: credentials_of(shop_id, kind, name)$
-- The sealed credentials of a known account, held until the transaction ends.
SELECT credentials FROM store.accounts WHERE shop_id = :shop_id AND kind = :kind AND name = :name FOR UPDATE;
