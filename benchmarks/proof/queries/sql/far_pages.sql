-- name: page_at(place)
-- A page as OFFSET would find it.
SELECT * FROM ledger.tasks t ORDER BY t.task_id DESC /* order */ LIMIT 50 OFFSET :place;

-- name: page_after(task_id, low)
-- The page newest first that follows a task, as a cursor finds it: the list looks into the days before that task first.
SELECT * FROM ledger.tasks WHERE task_id < :task_id AND task_id >= :low ORDER BY task_id DESC LIMIT 50;
