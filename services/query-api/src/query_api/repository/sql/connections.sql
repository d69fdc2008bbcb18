-- name: plan_for_lists()^
-- Plans of this transaction are made for the values at hand, for only so does the planner see how few days a range
-- of ids spans; and no page is made by sorting or from a whole table, for that means reading all there are first.
-- Starting parallel workers takes longer than what they would help with.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_sort', 'off', true),
       set_config('enable_incremental_sort', 'off', true), set_config('enable_seqscan', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true);

-- name: schema_revision()$
-- The migration the database has come to.
SELECT version_num FROM public.alembic_version;
