-- name: open_alerts(shop_id)
-- The alerts of a shop, or (NULL) of the platform, that are not over.
SELECT id, rule, subject, state, began_at FROM alerts.alerts
WHERE coalesce(shop_id, 0) = coalesce(:shop_id::bigint, 0) AND state <> 'resolved';

-- name: mutes(shop_id)
-- What nobody wants to hear of for now, of a shop or (NULL) of the platform.
SELECT rule, subject, until FROM alerts.mutes
WHERE shop_id IS NOT DISTINCT FROM :shop_id::bigint AND until > now();

-- name: proofs(shop_id, before, wanted)
-- What a shop said about silences, the newest first; `before`: older ones than that.
SELECT id, since, asked_at, verdict, words, numbers, task_ids FROM alerts.proofs
WHERE shop_id = :shop_id
  AND (:before::bigint IS NULL
       OR (asked_at, id) < (SELECT asked_at, id FROM alerts.proofs WHERE id = :before AND shop_id = :shop_id))
ORDER BY asked_at DESC, id DESC LIMIT :wanted;
