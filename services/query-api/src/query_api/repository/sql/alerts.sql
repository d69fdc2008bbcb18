-- name: newest_ids_by_state(states, rules, severities, low, high, wanted)
-- The newest alerts of all shops and of the platform.
SELECT found.id
FROM unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT a.id FROM alerts.alerts a
    WHERE a.state = state.name AND a.id >= :low AND a.id < :high
      AND (cardinality(:rules::text[]) = 0 OR a.rule = ANY(:rules::text[]))
      AND (cardinality(:severities::text[]) = 0 OR a.severity = ANY(:severities::text[]))
    ORDER BY a.state DESC, a.id DESC LIMIT :wanted
) AS found
ORDER BY found.id DESC LIMIT :wanted;

-- name: oldest_ids_by_state(states, rules, severities, low, high, wanted)
-- The oldest alerts of all shops and of the platform.
SELECT found.id
FROM unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT a.id FROM alerts.alerts a
    WHERE a.state = state.name AND a.id >= :low AND a.id < :high
      AND (cardinality(:rules::text[]) = 0 OR a.rule = ANY(:rules::text[]))
      AND (cardinality(:severities::text[]) = 0 OR a.severity = ANY(:severities::text[]))
    ORDER BY a.state, a.id LIMIT :wanted
) AS found
ORDER BY found.id LIMIT :wanted;

-- name: newest_ids_by_shop(shop_ids, states, rules, severities, low, high, wanted)
-- The newest alerts of some shops.
SELECT found.id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT a.id FROM alerts.alerts a
    WHERE a.shop_id = shop.id AND a.id >= :low AND a.id < :high AND a.state = ANY(:states::text[])
      AND (cardinality(:rules::text[]) = 0 OR a.rule = ANY(:rules::text[]))
      AND (cardinality(:severities::text[]) = 0 OR a.severity = ANY(:severities::text[]))
    ORDER BY a.shop_id DESC, a.id DESC LIMIT :wanted
) AS found
ORDER BY found.id DESC LIMIT :wanted;

-- name: oldest_ids_by_shop(shop_ids, states, rules, severities, low, high, wanted)
-- The oldest alerts of some shops.
SELECT found.id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT a.id FROM alerts.alerts a
    WHERE a.shop_id = shop.id AND a.id >= :low AND a.id < :high AND a.state = ANY(:states::text[])
      AND (cardinality(:rules::text[]) = 0 OR a.rule = ANY(:rules::text[]))
      AND (cardinality(:severities::text[]) = 0 OR a.severity = ANY(:severities::text[]))
    ORDER BY a.shop_id, a.id LIMIT :wanted
) AS found
ORDER BY found.id LIMIT :wanted;

-- name: alerts_by_id(alert_ids)
-- Some alerts, with the mute of their kind that holds now.
SELECT a.*, s.domain, m.until AS muted_until, m.muted_by, m.muted_at, m.note AS mute_note
FROM alerts.alerts a
LEFT JOIN store.shops s ON s.id = a.shop_id
LEFT JOIN alerts.mutes m ON m.shop_id IS NOT DISTINCT FROM a.shop_id AND m.rule = a.rule AND m.subject = a.subject
                        AND m.until > now()
WHERE a.id = ANY(:alert_ids::uuid[]);

-- name: open_counts(shop_ids)^
-- How many alerts are open, of some shops, or (NULL) of all and of the platform.
SELECT count(*) FILTER (WHERE state = 'firing') AS firing,
       count(*) FILTER (WHERE state = 'firing' AND severity = 'critical') AS critical,
       count(*) FILTER (WHERE state = 'firing' AND severity = 'warning') AS warning,
       count(*) FILTER (WHERE state = 'firing' AND acknowledged_at IS NULL) AS unacknowledged,
       count(*) FILTER (WHERE state = 'pending') AS pending
FROM alerts.alerts
WHERE state IN ('pending', 'firing') AND (:shop_ids::bigint[] IS NULL OR shop_id = ANY(:shop_ids::bigint[]));

-- name: evaluated_at()$
-- When all rules were last gone through.
SELECT evaluated_at FROM alerts.heartbeat;

-- name: history(alert_id, wanted)
-- What became of an alert lately, the newest first.
SELECT event, at, actor, detail FROM alerts.history WHERE alert_id = :alert_id ORDER BY id DESC LIMIT :wanted;

-- name: notifications(alert_id, shop_id, since, wanted)
-- What was told of an alert since it was noticed, the newest first, and how the tasks that tell it stand.
SELECT n.id, n.kind, n.channel, n.recipient, n.alerts, n.created_at, n.published_at, n.sent_at, n.note,
       t.state AS task_state, t.attempt, t.max_attempts
FROM (
    SELECT * FROM alerts.notifications WHERE shop_id = :shop_id AND created_at >= :since
    UNION ALL
    SELECT * FROM alerts.notifications WHERE :shop_id::bigint IS NULL AND shop_id IS NULL AND created_at >= :since
) AS n
LEFT JOIN ledger.tasks t ON t.task_id = n.id
WHERE n.alerts @> jsonb_build_array(jsonb_build_object('id', :alert_id::uuid))
ORDER BY n.created_at DESC, n.id DESC LIMIT :wanted;

-- name: tests(shop_id, wanted)
-- The test messages of a shop of the last day, the newest first, and how the tasks that send them stand.
SELECT n.id, n.kind, n.channel, n.recipient, n.alerts, n.created_at, n.published_at, n.sent_at, n.note,
       t.state AS task_state, t.attempt, t.max_attempts
FROM alerts.notifications n
LEFT JOIN ledger.tasks t ON t.task_id = n.id
WHERE n.shop_id = :shop_id AND n.kind = 'test' AND n.created_at > now() - interval '1 day'
ORDER BY n.created_at DESC, n.id DESC LIMIT :wanted;

-- name: acknowledge(alert_id, actor, note)$
-- Somebody has seen an open alert; NULL when somebody had before, or when it is over.
UPDATE alerts.alerts SET acknowledged_at = now(), acknowledged_by = :actor, acknowledged_note = :note
WHERE id = :alert_id AND state <> 'resolved' AND acknowledged_at IS NULL
RETURNING id;

-- name: mute(alert_id, until, actor, note)!
-- Nothing is told of alerts of this kind until then.
INSERT INTO alerts.mutes (shop_id, rule, subject, until, muted_by, note)
SELECT shop_id, rule, subject, :until, :actor, :note FROM alerts.alerts WHERE id = :alert_id
ON CONFLICT (shop_id, rule, subject) DO UPDATE
SET until = excluded.until, muted_by = excluded.muted_by, note = excluded.note, muted_at = now();

-- name: unmute(alert_id)$
-- Alerts of this kind are told again; NULL when they were not muted.
DELETE FROM alerts.mutes m USING alerts.alerts a
WHERE a.id = :alert_id AND m.shop_id IS NOT DISTINCT FROM a.shop_id AND m.rule = a.rule AND m.subject = a.subject
RETURNING m.until;

-- name: insert_event(alert_id, event, actor, detail)!
-- What somebody did about an alert; it goes over the broker as well.
INSERT INTO alerts.history (alert_id, event, at, actor, detail)
VALUES (:alert_id, :event, now(), :actor, :detail::jsonb);
