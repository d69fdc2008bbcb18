-- name: plan_for_lists()^
-- Plans of this transaction are made for the values at hand, for only so does the planner see how few days a range
-- of ids spans; and no page is made by sorting or from a whole table, for that means reading all there are first.
-- Starting parallel workers takes longer than what they would help with.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_sort', 'off', true),
       set_config('enable_incremental_sort', 'off', true), set_config('enable_seqscan', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true);

-- name: keep_plans()$
-- Of statements that have one good plan, whatever the values; partitions they do not need are left out as they begin.
-- True where plans had been made for the values at hand.
SELECT set_config('plan_cache_mode', 'force_generic_plan', true) IS NOT NULL
WHERE current_setting('plan_cache_mode') = 'force_custom_plan';

-- name: make_plans()$
-- As before.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);
