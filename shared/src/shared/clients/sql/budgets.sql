-- name: reserve(account_id, operation, cost, headroom_s, left)^
-- Takes the cost out of the budget if it is there; else the seconds until it will be.
WITH reserved AS (
    UPDATE store.budgets
    SET available = least(capacity, available + per_second * greatest(0, extract(epoch FROM clock_timestamp() - counted_at)))
                    - least(:cost, capacity),
        counted_at = clock_timestamp()
    WHERE account_id = :account_id AND operation = :operation
      AND least(capacity, available + per_second * greatest(0, extract(epoch FROM clock_timestamp() - counted_at)))
          >= least(:cost + :headroom_s * per_second + :left * capacity, capacity)
    RETURNING 0::float8 AS wait_s
)
SELECT wait_s FROM reserved
UNION ALL
SELECT greatest(0.001, (least(:cost + :headroom_s * per_second + :left * capacity, capacity)
           - least(capacity, available + per_second * greatest(0, extract(epoch FROM clock_timestamp() - counted_at))))
           / per_second)
FROM store.budgets
WHERE account_id = :account_id AND operation = :operation AND NOT EXISTS (SELECT FROM reserved);

-- name: settle(account_id, operation, available, capacity, per_second, refund)!
-- Gives back what was reserved in vain, and never believes in more than the other side says there is.
INSERT INTO store.budgets AS b (account_id, operation, available, capacity, per_second)
VALUES (:account_id, :operation, :available, :capacity, :per_second)
ON CONFLICT (account_id, operation) DO UPDATE
SET available = least(
        excluded.available,
        :refund + b.available
            + b.per_second * greatest(0, extract(epoch FROM clock_timestamp() - b.counted_at))),
    capacity = excluded.capacity, per_second = excluded.per_second, counted_at = clock_timestamp();

-- name: define(account_id, operation, capacity, per_second)!
-- A budget whose limits are known before the other side tells; it begins full.
INSERT INTO store.budgets (account_id, operation, available, capacity, per_second)
VALUES (:account_id, :operation, :capacity, :capacity, :per_second) ON CONFLICT DO NOTHING;
