-- name: page_at(place)
-- A page as OFFSET would find it.
SELECT * FROM ledger.tasks t ORDER BY t.task_id DESC /* order */ LIMIT 50 OFFSET :place;

-- name: prepare_pages#
-- The page newest first, as OFFSET finds it and as a cursor does.
PREPARE page_at (bigint) AS SELECT * FROM ledger.tasks ORDER BY task_id DESC LIMIT 50 OFFSET $1;
PREPARE page_after (uuid) AS SELECT * FROM ledger.tasks WHERE task_id < $1 ORDER BY task_id DESC LIMIT 50;
