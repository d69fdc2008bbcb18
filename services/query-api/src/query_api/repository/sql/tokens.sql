-- name: find_token(token_hash)^
-- The token somebody showed, whatever its condition.
SELECT id, name, role, shop_ids, expires_at, revoked_at, last_used_at
FROM admin.api_tokens WHERE token_hash = :token_hash;

-- name: token_by_id(token_id)^
-- The token a console session was signed in with.
SELECT id, name, role, shop_ids, expires_at, revoked_at, last_used_at
FROM admin.api_tokens WHERE id = :token_id;

-- name: touch_token(token_id)!
-- Notes that a token is in use; not more often than its reader asks for.
UPDATE admin.api_tokens SET last_used_at = now() WHERE id = :token_id;

-- name: insert_token(name, token_hash, prefix, role, shop_ids, expires_at)$
-- A new token.
INSERT INTO admin.api_tokens (name, token_hash, prefix, role, shop_ids, expires_at)
VALUES (:name, :token_hash, :prefix, :role, :shop_ids::bigint[], :expires_at)
RETURNING id;

-- name: all_tokens()
-- Tokens for an administrator.
SELECT t.id, t.name, t.prefix, t.role, t.created_at, t.expires_at, t.revoked_at, t.last_used_at,
    (SELECT array_agg(s.domain ORDER BY s.domain) FROM store.shops s WHERE s.id = ANY(t.shop_ids)) AS shops,
    t.shop_ids IS NULL AS is_for_all_shops
FROM admin.api_tokens t ORDER BY t.id;

-- name: revoke_token(token_id)$
-- Ends a token for good; NULL when there is no such token.
UPDATE admin.api_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE id = :token_id
RETURNING id;
