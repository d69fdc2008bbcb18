-- name: log_state()^
-- How far the log has come, by the recorders that run or ran last: the earliest of them counts.
SELECT min(as_of) AS as_of, sum(backlog)::bigint AS backlog, max(seen_at) AS seen_at
FROM ledger.recorders
WHERE seen_at > (SELECT max(seen_at) FROM ledger.recorders) - interval '15 seconds';
