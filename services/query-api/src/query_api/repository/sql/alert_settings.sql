-- name: alert_settings(shop_id)^
-- What a shop wants to be told of, with its own address; columns of alerts.settings are NULL when it never said.
SELECT s.id, s.domain, s.email, s.timezone, a.settings, a.channels, a.updated_at, a.updated_by
FROM store.shops s LEFT JOIN alerts.settings a ON a.shop_id = s.id
WHERE s.id = :shop_id;

-- name: lock_settings(shop_id)!
-- One change of a shop's settings at a time.
SELECT FROM store.shops WHERE id = :shop_id FOR NO KEY UPDATE;

-- name: put_settings(shop_id, settings, channels, actor)!
-- What a shop wants to be told of from now on.
INSERT INTO alerts.settings (shop_id, settings, channels, updated_by)
VALUES (:shop_id, :settings::jsonb, :channels, :actor)
ON CONFLICT (shop_id) DO UPDATE
SET settings = excluded.settings, channels = excluded.channels, updated_by = excluded.updated_by, updated_at = now();
