-- name: ensure(first_day, last_day)$
-- Makes the missing partitions from one day through another; their number.
SELECT ledger.ensure_partitions(:first_day, :last_day);

-- name: days_ahead(today)$
-- For how many days after today, without a gap, every partitioned table has its partition (60 at most).
SELECT coalesce(min(day.number), 61)::integer - 1
FROM generate_series(0, 60) AS day (number)
WHERE EXISTS (
    SELECT FROM pg_partitioned_table p JOIN pg_class parent ON parent.oid = p.partrelid
    WHERE p.partstrat = 'r' AND NOT EXISTS (
        SELECT FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
        WHERE i.inhparent = p.partrelid AND NOT i.inhdetachpending
          AND child.relname = parent.relname || '_' || to_char(:today::date + day.number, 'YYYYMMDD')
    )
);

-- name: stale_statistics()
-- Statements that analyse the partitioned tables whose own statistics are older than six hours.
SELECT format('ANALYZE %s', p.partrelid::regclass) AS statement
FROM pg_partitioned_table p LEFT JOIN pg_stat_all_tables s ON s.relid = p.partrelid
WHERE s.last_analyze IS NULL OR s.last_analyze < now() - interval '6 hours'
ORDER BY 1;
