-- name: good_tokens(hashes)
-- Those of the tokens that are good now.
SELECT id, token_hash, name, role, shop_ids, expires_at FROM admin.api_tokens
WHERE token_hash = ANY(:hashes::bytea[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: touch_tokens(ids)!
-- Notes that tokens are in use, at most once a minute each.
UPDATE admin.api_tokens SET last_used_at = now()
WHERE id = ANY(:ids::bigint[]) AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
