-- name: tokens_before(shop_ids, before, is_signed_in, wanted)
-- Tokens and persons that an administrator of some shops, or of all (NULL), may manage, the newest first; only
-- those with browsers signed in, if that is wanted.
SELECT t.id, t.name, t.prefix, t.role, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, t.shop_ids,
    t.subject IS NOT NULL AS is_person,
    (SELECT count(*) FROM admin.sessions s WHERE s.token_id = t.id AND s.expires_at > now()) AS sessions,
    CASE WHEN t.shop_ids IS NOT NULL
         THEN ARRAY(SELECT s.domain FROM store.shops s WHERE s.id = ANY(t.shop_ids) ORDER BY s.domain) END AS shops
FROM admin.api_tokens t
WHERE t.id < :before
  AND (:shop_ids::bigint[] IS NULL OR (t.shop_ids <@ :shop_ids::bigint[] AND t.shop_ids <> '{}'))
  AND (NOT :is_signed_in::boolean
       OR EXISTS (SELECT FROM admin.sessions s WHERE s.token_id = t.id AND s.expires_at > now()))
ORDER BY t.id DESC LIMIT :wanted;

-- name: held_token(token_id)^
-- Whose shops a token sees, kept as it is until the transaction ends.
SELECT id, name, shop_ids FROM admin.api_tokens WHERE id = :token_id FOR UPDATE;
