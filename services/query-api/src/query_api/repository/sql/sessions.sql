-- name: begin_session(key_hash, token_id, address, expires_at)!
-- Somebody signs in to the console.
INSERT INTO admin.sessions (key_hash, token_id, address, expires_at)
VALUES (:key_hash, :token_id, :address, :expires_at);

-- name: token_of_session(key_hash)^
-- The token, or the person, a session was begun with, whatever its condition.
SELECT t.id, t.name, t.role, t.shop_ids, t.expires_at, t.revoked_at, t.last_used_at
FROM admin.sessions s JOIN admin.api_tokens t ON t.id = s.token_id
WHERE s.key_hash = :key_hash AND s.expires_at > now();

-- name: end_session(key_hash)!
-- One browser signs out.
DELETE FROM admin.sessions WHERE key_hash = :key_hash;

-- name: end_sessions(token_id)!
-- All browsers that signed in with one token, or as one person, are signed out.
DELETE FROM admin.sessions WHERE token_id = :token_id;

-- name: sessions_of(token_id)
-- Browsers signed in with one token, or as one person, the latest first.
SELECT key_hash, address, started_at, expires_at FROM admin.sessions
WHERE token_id = :token_id AND expires_at > now() ORDER BY started_at DESC LIMIT 100;
