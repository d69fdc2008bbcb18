-- name: add_calls(account_ids, categories, minutes, calls, ok, rejected, refused, rate_limited, failed, no_answer, total_ms, latency)!
-- Adds to the calls of each connection by minute.
INSERT INTO ledger.api_calls AS c (
    account_id, category, minute, calls, ok, rejected, refused, rate_limited, failed, no_answer, total_ms, latency
)
SELECT account_id, category, minute, calls, ok, rejected, refused, rate_limited, failed, no_answer, total_ms,
       latency::integer[]
FROM unnest(
    :account_ids::bigint[], :categories::text[], :minutes::timestamptz[], :calls::integer[], :ok::integer[],
    :rejected::integer[], :refused::integer[], :rate_limited::integer[], :failed::integer[], :no_answer::integer[],
    :total_ms::float8[], :latency::text[]
) AS came (
    account_id, category, minute, calls, ok, rejected, refused, rate_limited, failed, no_answer, total_ms, latency
)
ON CONFLICT (account_id, category, minute) DO UPDATE SET
    calls = c.calls + excluded.calls,
    ok = c.ok + excluded.ok,
    rejected = c.rejected + excluded.rejected,
    refused = c.refused + excluded.refused,
    rate_limited = c.rate_limited + excluded.rate_limited,
    failed = c.failed + excluded.failed,
    no_answer = c.no_answer + excluded.no_answer,
    total_ms = c.total_ms + excluded.total_ms,
    latency = ARRAY(SELECT before + came FROM unnest(c.latency, excluded.latency) WITH ORDINALITY
                        AS class (before, came, place) ORDER BY place);

-- name: note_last(account_ids, categories, called_at, error_at, error_message, error_task_id)!
-- Notes the newest call of each connection, and the newest that went wrong.
INSERT INTO ledger.api_last_calls AS l (account_id, category, called_at, error_at, error_message, error_task_id)
SELECT * FROM unnest(
    :account_ids::bigint[], :categories::text[], :called_at::timestamptz[], :error_at::timestamptz[],
    :error_message::text[], :error_task_id::uuid[]
)
ON CONFLICT (account_id, category) DO UPDATE SET
    called_at = greatest(l.called_at, excluded.called_at),
    error_at = greatest(l.error_at, excluded.error_at),
    error_message = CASE WHEN excluded.error_at >= coalesce(l.error_at, '-infinity') THEN excluded.error_message
                         ELSE l.error_message END,
    error_task_id = CASE WHEN excluded.error_at >= coalesce(l.error_at, '-infinity') THEN excluded.error_task_id
                         ELSE l.error_task_id END;
