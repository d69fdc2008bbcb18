"""What must hold of the log after any story: the promises of the design, checked on the recorded history."""

from typing import Any

from tests.acceptance.stack import Reachable

RAN_AFTER_END = """
    SELECT e.task_id, e.attempt, e.state FROM ledger.task_events e
    JOIN ledger.task_events f ON f.task_id = e.task_id AND f.state IN ('succeeded', 'failed')
    WHERE e.attempt > f.attempt
       OR (e.state IN ('succeeded', 'failed') AND e.state <> f.state)
"""
ATTEMPTS_WITHOUT_ONE_ENDING = """
    SELECT task_id, attempt, count(*) AS endings FROM ledger.task_events
    WHERE state IN ('retrying', 'succeeded', 'failed') GROUP BY 1, 2 HAVING count(*) <> 1
"""
UNEXPLAINED_FAILURES = """
    SELECT task_id, type FROM ledger.tasks
    WHERE state = 'failed'
      AND (error_message IS NULL OR remedy IS NULL OR error_kind IS NULL OR error_kind = 'internal')
"""
COUNTERS_THAT_DIFFER = """
    WITH moves AS (
        SELECT task_id, state AS into_state, 1 AS n FROM ledger.task_events
        UNION ALL
        SELECT task_id, CASE WHEN attempt = 1 THEN 'queued' ELSE 'retrying' END, -1
        FROM ledger.task_events WHERE state = 'processing'
        UNION ALL
        SELECT task_id, 'processing', -1 FROM ledger.task_events
        WHERE state IN ('retrying', 'succeeded', 'failed')
    ), recount AS (
        SELECT shop_id, type, coalesce(account_id, 0) AS account_id, into_state AS state, sum(m.n) AS n
        FROM moves m JOIN ledger.tasks t USING (task_id) GROUP BY 1, 2, 3, 4
    )
    SELECT * FROM recount r FULL JOIN ledger.task_counts c USING (shop_id, type, account_id, state)
    WHERE coalesce(r.n, 0) <> coalesce(c.n, 0)
"""
PROJECTION_THAT_DIFFERS = """
    SELECT t.task_id, t.state, last.state AS logged FROM ledger.tasks t
    JOIN LATERAL (
        SELECT e.state, e.attempt FROM ledger.task_events e WHERE e.task_id = t.task_id
        ORDER BY e.attempt DESC,
            array_position(ARRAY['queued', 'processing', 'retrying', 'failed', 'succeeded'], e.state) DESC
        LIMIT 1
    ) last ON true
    WHERE (t.state, t.attempt) <> (last.state, last.attempt)
"""


async def broken_promises(stack: Reachable) -> dict[str, list[dict[str, Any]]]:
    """Empty when all hold; else the offending rows by promise."""
    queries = {
        "ran after its end": RAN_AFTER_END,
        "an attempt ended more than once": ATTEMPTS_WITHOUT_ONE_ENDING,
        "a failure without an explanation": UNEXPLAINED_FAILURES,
        "counters differ from the log": COUNTERS_THAT_DIFFER,
        "the projection differs from the log": PROJECTION_THAT_DIFFERS,
    }
    found = {promise: await stack.fetch(query) for promise, query in queries.items()}
    return {promise: rows for promise, rows in found.items() if rows}
