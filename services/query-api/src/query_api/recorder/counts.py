"""Statements on the statistics of tasks, which are kept by minute and by hour."""

from shared.db.queries import load_queries, load_queries_with

STEPS = {
    "minute": load_queries(__file__, "counts"),
    "hour": load_queries_with(__file__, "counts", {"_by_minute": "_by_hour"}),
}
# Into the tables in which a rebuild counts anew.
RECOUNTED = {
    step: load_queries_with(__file__, "counts", {"task_counts_by_minute": f"recount_by_{step}"})
    for step in STEPS
}
