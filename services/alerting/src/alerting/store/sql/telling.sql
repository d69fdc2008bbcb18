-- name: take_notification(id)^
-- One notification, held until the transaction ends, with the shop it is about.
SELECT n.id, n.shop_id, n.kind, n.channel, n.recipient, n.alerts, n.sent_at, n.note, s.domain, s.name, s.timezone,
       a.channels
FROM alerts.notifications n
LEFT JOIN store.shops s ON s.id = n.shop_id
LEFT JOIN alerts.settings a ON a.shop_id = n.shop_id
WHERE n.id = :id FOR UPDATE OF n;

-- name: told_alerts(ids)
-- The alerts a notification tells of, as they are now.
SELECT id, rule, subject, state, severity, title, explanation, facts, began_at, fired_at, resolved_at
FROM alerts.alerts WHERE id = ANY(:ids::uuid[]);

-- name: note_sent(id, now, note)!
-- That it was sent, or why it did not have to be.
UPDATE alerts.notifications SET sent_at = :now, note = :note WHERE id = :id;
