-- name: upsert_account(shop_id, kind, name, base_url, credentials, settings)$
-- A new account, or new particulars of a known one, whose earlier problem is thereby answered.
INSERT INTO store.accounts AS a (shop_id, kind, name, base_url, credentials, settings)
VALUES (:shop_id, :kind, :name, :base_url, :credentials, :settings::jsonb)
ON CONFLICT (shop_id, kind, name) DO UPDATE
SET base_url = excluded.base_url, credentials = excluded.credentials, settings = excluded.settings,
    problem = NULL, is_active = true, updated_at = now()
RETURNING id;
