-- name: alerts(resolved_since)
-- Every alert that is open, and those that were resolved lately.
SELECT id, shop_id, rule, subject, state, severity, title, explanation, facts, began_at, seen_at, fired_at, clear_since,
       resolved_at, changed_at, told, told_at, acknowledged_at
FROM alerts.alerts WHERE state IN ('pending', 'firing')
UNION ALL
SELECT id, shop_id, rule, subject, state, severity, title, explanation, facts, began_at, seen_at, fired_at, clear_since,
       resolved_at, changed_at, told, told_at, acknowledged_at
FROM alerts.alerts WHERE state = 'resolved' AND resolved_at > :resolved_since
ORDER BY id;

-- name: mutes(now)
-- What nobody wants to hear of now.
SELECT shop_id, rule, subject FROM alerts.mutes WHERE until > :now;

-- name: put_alert(id, shop_id, rule, subject, state, severity, title, explanation, facts, began_at, seen_at, fired_at, clear_since, resolved_at, changed_at, told, told_at, acknowledged_at)!
-- An alert as it is now. What people did to it meanwhile stays, unless it begins anew.
INSERT INTO alerts.alerts AS a (
    id, shop_id, rule, subject, state, severity, title, explanation, facts, began_at, seen_at, fired_at, clear_since,
    resolved_at, changed_at, told, told_at
)
VALUES (:id, :shop_id, :rule, :subject, :state, :severity, :title, :explanation, :facts::jsonb, :began_at, :seen_at,
        :fired_at, :clear_since, :resolved_at, :changed_at::timestamptz[], :told, :told_at)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, severity = excluded.severity, title = excluded.title, explanation = excluded.explanation,
    facts = excluded.facts, began_at = excluded.began_at, seen_at = excluded.seen_at, fired_at = excluded.fired_at,
    clear_since = excluded.clear_since, resolved_at = excluded.resolved_at, changed_at = excluded.changed_at,
    told = excluded.told, told_at = excluded.told_at,
    acknowledged_at = CASE WHEN a.began_at = excluded.began_at THEN a.acknowledged_at ELSE :acknowledged_at END,
    acknowledged_by = CASE WHEN a.began_at = excluded.began_at THEN a.acknowledged_by END,
    acknowledged_note = CASE WHEN a.began_at = excluded.began_at THEN a.acknowledged_note END;

-- name: forget(id)!
-- Removes an alert that never fired.
DELETE FROM alerts.alerts WHERE id = :id;

-- name: add_history(alert_id, event, at, actor, detail)!
-- What became of an alert.
INSERT INTO alerts.history (alert_id, event, at, actor, detail) VALUES (:alert_id, :event, :at, :actor, :detail::jsonb);

-- name: told_for(shop_ids)
-- The shops' own addresses, what they want, and their other channels.
SELECT s.id, s.email, a.settings, a.channels
FROM store.shops s LEFT JOIN alerts.settings a ON a.shop_id = s.id
WHERE s.id = ANY(:shop_ids::bigint[]);

-- name: note_round(instance, now, took_ms)!
-- That evaluation goes on.
INSERT INTO alerts.heartbeat (instance, evaluated_at, took_ms) VALUES (:instance, :now, :took_ms)
ON CONFLICT (is_only) DO UPDATE
SET instance = excluded.instance, evaluated_at = excluded.evaluated_at, took_ms = excluded.took_ms;

-- name: last_round()$
-- When evaluation last came through, on whatever replica.
SELECT evaluated_at FROM alerts.heartbeat;

-- name: try_to_lead(key)$
-- Whether this session evaluates from now on; none other does until it ends.
SELECT pg_try_advisory_lock(:key);

-- name: unpublished_notifications(wanted)
-- Notifications whose tasks are still to be queued, held by this transaction.
SELECT id, shop_id, kind, channel, recipient, alerts, created_at FROM alerts.notifications
WHERE published_at IS NULL ORDER BY created_at LIMIT :wanted FOR UPDATE SKIP LOCKED;

-- name: unpublished_history(wanted)
-- What became of alerts and has not been announced, held by this transaction.
SELECT h.id, h.alert_id, h.event, h.at, h.actor, a.shop_id, s.domain, a.rule, a.subject, a.severity, a.state, a.title
FROM alerts.history h JOIN alerts.alerts a ON a.id = h.alert_id LEFT JOIN store.shops s ON s.id = a.shop_id
WHERE h.published_at IS NULL ORDER BY h.id LIMIT :wanted FOR UPDATE OF h SKIP LOCKED;

-- name: note_announced(ids, now)!
-- Programs have been told of these.
UPDATE alerts.history SET published_at = :now WHERE id = ANY(:ids::bigint[]);

-- name: note_queues(queues, messages, consumers, now)!
-- The queues as they were just seen.
INSERT INTO alerts.queues AS q (queue, messages, consumers, measured_at)
SELECT queue, messages, consumers, :now
FROM unnest(:queues::text[], :messages::bigint[], :consumers::integer[]) AS seen (queue, messages, consumers)
ON CONFLICT (queue) DO UPDATE SET
    grew_at = CASE WHEN excluded.messages > q.messages THEN excluded.measured_at ELSE q.grew_at END,
    messages = excluded.messages, consumers = excluded.consumers, measured_at = excluded.measured_at;
