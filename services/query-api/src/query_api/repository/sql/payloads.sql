-- name: payloads_of(task_id)
-- All that a task received, sent and got back, still sealed.
SELECT attempt, position, shop_id, meta, sent, received
FROM ledger.payloads
WHERE task_id = :task_id
ORDER BY attempt, position;

-- name: payload(task_id, attempt, position)^
-- One exchange, still sealed.
SELECT attempt, position, shop_id, meta, sent, received
FROM ledger.payloads
WHERE task_id = :task_id AND attempt = :attempt AND position = :position;
