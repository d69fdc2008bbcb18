-- name: put_person(subject, name, role, shop_ids, token_hash)^
-- Somebody who signs in by OIDC, with what their groups give them now; a revocation stays.
INSERT INTO admin.api_tokens AS t (name, token_hash, prefix, role, shop_ids, subject)
VALUES (:name, :token_hash, '', :role, :shop_ids::bigint[], :subject)
ON CONFLICT (subject) DO UPDATE SET name = excluded.name, role = excluded.role, shop_ids = excluded.shop_ids
RETURNING id, name, role, shop_ids, expires_at, revoked_at, last_used_at;

-- name: end_sessions_of(subject)!
-- Signs a person out who lost what let them in.
DELETE FROM admin.sessions WHERE token_id = (SELECT id FROM admin.api_tokens WHERE subject = :subject);
