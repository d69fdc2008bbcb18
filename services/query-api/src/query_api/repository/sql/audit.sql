-- name: add_deed(actor, token_id, address, action, shop_id, subject, detail)!
-- What somebody did.
INSERT INTO admin.audit_log (actor, token_id, address, action, shop_id, subject, detail)
VALUES (:actor, :token_id, :address, :action, :shop_id, :subject, :detail);

-- name: newest_deeds(shop_ids, own_id, actors, actions, subject, since, until, before, wanted)
-- What was done, the newest first: for some shops (NULL: for all and for none) or by a token itself.
SELECT a.id, a.at, a.actor, a.token_id, a.address, a.action, s.domain AS shop, a.subject, a.detail
FROM admin.audit_log a
LEFT JOIN store.shops s ON s.id = a.shop_id
WHERE a.id < :before
  AND (:shop_ids::bigint[] IS NULL OR a.shop_id = ANY(:shop_ids::bigint[]) OR a.token_id = :own_id::bigint)
  AND (:actors::text[] IS NULL OR a.actor = ANY(:actors::text[]))
  AND (:actions::text[] IS NULL OR a.action = ANY(:actions::text[]))
  AND (:subject::text IS NULL OR a.subject = :subject::text)
  AND (:since::timestamptz IS NULL OR a.at >= :since::timestamptz)
  AND (:until::timestamptz IS NULL OR a.at < :until::timestamptz)
ORDER BY a.id DESC LIMIT :wanted;
