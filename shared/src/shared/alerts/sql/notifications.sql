-- name: insert_notification(id, shop_id, kind, channel, recipient, alerts)!
-- One message to one recipient, still to be queued.
INSERT INTO alerts.notifications (id, shop_id, kind, channel, recipient, alerts)
VALUES (:id, :shop_id, :kind, :channel, :recipient, :alerts::jsonb);

-- name: note_queued(ids, now)!
-- The tasks that send these are with the broker.
UPDATE alerts.notifications SET published_at = :now WHERE id = ANY(:ids::uuid[]) AND published_at IS NULL;
