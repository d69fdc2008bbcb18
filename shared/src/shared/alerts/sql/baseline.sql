-- name: quarters(shop_id, since)
-- The quarters of an hour in which orders were synced, or, without a CRM account, stored; in order.
WITH minutes AS (
    SELECT DISTINCT bucket FROM ledger.task_counts_by_minute
    WHERE shop_id = :shop_id AND bucket >= :since AND state = 'succeeded'
      AND type IN ('SyncOrder', 'SyncOrderNotification', 'IndexOrder')
      AND (type = 'IndexOrder') <> EXISTS (
          SELECT FROM store.accounts WHERE shop_id = :shop_id AND kind = 'engage' AND is_active)
)
SELECT min(bucket) AS first_at, max(bucket) AS last_at, count(*)::integer AS minutes
FROM minutes GROUP BY date_bin('15 minutes', bucket, 'epoch') ORDER BY 1;
