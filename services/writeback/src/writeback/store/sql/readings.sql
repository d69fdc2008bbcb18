-- name: reading(shop_id, account_id, type)^
-- How far a reading of an account is, and since when it is connected.
SELECT s.cursor, a.created_at AS connected_at
FROM store.accounts a LEFT JOIN store.schedules s
    ON s.account_id = a.id AND s.shop_id = :shop_id AND s.type = :type
WHERE a.id = :account_id;

-- name: move_reading(shop_id, account_id, type, cursor, was)$
-- The reading has come further, unless another one has meanwhile; one without a schedule gets one that rests.
INSERT INTO store.schedules AS s (shop_id, account_id, type, interval_s, is_active, cursor)
VALUES (:shop_id, :account_id, :type, 3600, false, :cursor)
ON CONFLICT (shop_id, account_id, type) DO UPDATE SET cursor = excluded.cursor
WHERE s.cursor IS NOT DISTINCT FROM :was
RETURNING s.id;
