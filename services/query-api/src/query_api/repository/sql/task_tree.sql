-- name: ids_above(task_id, most)
-- What led to a task, from what it was next to on: the task it repeats, else the one that caused it.
WITH RECURSIVE above AS (
    SELECT :task_id::uuid AS task_id, 0 AS height
    UNION ALL
    SELECT t.cause, above.height + 1
    FROM above CROSS JOIN LATERAL (
        SELECT coalesce(retry_of, parent_id) AS cause FROM ledger.tasks WHERE task_id = above.task_id LIMIT 1
    ) AS t
    WHERE t.cause IS NOT NULL AND above.height < :most
)
SELECT task_id FROM above WHERE height > 0 ORDER BY height;

-- name: ids_below(task_id, low, high, wanted)
-- A task, what it led to and what repeats that, level by level; the bounds are those of the ids.
WITH RECURSIVE below AS (
    SELECT :task_id::uuid AS task_id
    UNION
    SELECT t.task_id
    FROM below CROSS JOIN LATERAL (
        SELECT task_id FROM ledger.tasks
        WHERE parent_id = below.task_id AND parent_id IS NOT NULL AND task_id >= :low AND task_id < :high
        UNION ALL
        SELECT task_id FROM ledger.tasks
        WHERE retry_of = below.task_id AND retry_of IS NOT NULL AND task_id >= :low AND task_id < :high
    ) AS t
)
SELECT task_id FROM below LIMIT :wanted;
