-- name: upsert_account(shop_id, kind, name, base_url, credentials, settings)$
-- A new account, or new particulars of a known one, whose earlier problem is thereby answered.
INSERT INTO store.accounts AS a (shop_id, kind, name, base_url, credentials, settings)
VALUES (:shop_id, :kind, :name, :base_url, :credentials, :settings::jsonb)
ON CONFLICT (shop_id, kind, name) DO UPDATE
SET base_url = excluded.base_url, credentials = excluded.credentials, settings = excluded.settings,
    problem = NULL, is_active = true, updated_at = now()
RETURNING id;

-- name: credentials_of(shop_id, kind, name)$
-- The sealed credentials of a known account, held until the transaction ends.
SELECT credentials FROM store.accounts WHERE shop_id = :shop_id AND kind = :kind AND name = :name FOR UPDATE;
