-- name: add_groups(shop_ids, fingerprints, types, error_kind, place, message, remedy, n, first_at, last_at, example_id)!
-- Adds to kinds of failure, in the words of the newest; what fails after a person had resolved it is back.
INSERT INTO ledger.failure_groups AS g (
    shop_id, fingerprint, type, error_kind, place, message, remedy, n, first_at, last_at, example_id
)
SELECT * FROM unnest(
    :shop_ids::bigint[], :fingerprints::text[], :types::text[], :error_kind::text[], :place::text[], :message::text[],
    :remedy::text[], :n::bigint[], :first_at::timestamptz[], :last_at::timestamptz[], :example_id::uuid[]
)
ON CONFLICT (shop_id, fingerprint) DO UPDATE SET
    n = g.n + excluded.n,
    first_at = least(g.first_at, excluded.first_at),
    back_at = CASE WHEN excluded.first_at > g.resolved_at THEN least(g.back_at, excluded.first_at)
                   WHEN excluded.last_at > g.resolved_at THEN least(g.back_at, excluded.last_at)
                   ELSE g.back_at END,
    (type, error_kind, place, message, remedy, last_at, example_id) = (
        SELECT newest.type, newest.error_kind, newest.place, newest.message, newest.remedy, newest.last_at, newest.example_id
        FROM (VALUES (g.type, g.error_kind, g.place, g.message, g.remedy, g.last_at, g.example_id),
                     (excluded.type, excluded.error_kind, excluded.place, excluded.message, excluded.remedy,
                      excluded.last_at, excluded.example_id))
             AS newest (type, error_kind, place, message, remedy, last_at, example_id)
        ORDER BY newest.last_at DESC, newest.example_id DESC LIMIT 1
    );

-- name: add_hours(shop_ids, fingerprints, buckets, account_ids, n)!
-- Adds to the failures by hour.
INSERT INTO ledger.failures_by_hour AS h (shop_id, fingerprint, bucket, account_id, n)
SELECT * FROM unnest(
    :shop_ids::bigint[], :fingerprints::text[], :buckets::timestamptz[], :account_ids::bigint[], :n::bigint[]
)
ON CONFLICT (shop_id, fingerprint, bucket, account_id) DO UPDATE SET n = h.n + excluded.n;

-- name: recount_groups(shop_ids, fingerprints, types, error_kind, place, message, remedy, n, first_at, last_at, example_id)!
-- Adds to the kinds of failure as the log is counted anew; their number comes from the hours.
INSERT INTO ledger.recount_failure_groups AS g (
    shop_id, fingerprint, type, error_kind, place, message, remedy, n, first_at, last_at, example_id
)
SELECT * FROM unnest(
    :shop_ids::bigint[], :fingerprints::text[], :types::text[], :error_kind::text[], :place::text[], :message::text[],
    :remedy::text[], :n::bigint[], :first_at::timestamptz[], :last_at::timestamptz[], :example_id::uuid[]
)
ON CONFLICT (shop_id, fingerprint) DO UPDATE SET
    n = g.n + excluded.n,
    first_at = least(g.first_at, excluded.first_at),
    (type, error_kind, place, message, remedy, last_at, example_id) = (
        SELECT newest.type, newest.error_kind, newest.place, newest.message, newest.remedy, newest.last_at, newest.example_id
        FROM (VALUES (g.type, g.error_kind, g.place, g.message, g.remedy, g.last_at, g.example_id),
                     (excluded.type, excluded.error_kind, excluded.place, excluded.message, excluded.remedy,
                      excluded.last_at, excluded.example_id))
             AS newest (type, error_kind, place, message, remedy, last_at, example_id)
        ORDER BY newest.last_at DESC, newest.example_id DESC LIMIT 1
    );

-- name: recount_hours(shop_ids, fingerprints, buckets, account_ids, n)!
-- Adds to the failures by hour as the log is counted anew.
INSERT INTO ledger.recount_failures_by_hour AS h (shop_id, fingerprint, bucket, account_id, n)
SELECT * FROM unnest(
    :shop_ids::bigint[], :fingerprints::text[], :buckets::timestamptz[], :account_ids::bigint[], :n::bigint[]
)
ON CONFLICT (shop_id, fingerprint, bucket, account_id) DO UPDATE SET n = h.n + excluded.n;

-- name: correct_hours(since)!
-- Sets the failures by hour, from a moment on, that differ from the new ones.
INSERT INTO ledger.failures_by_hour (shop_id, fingerprint, bucket, account_id, n)
SELECT shop_id, fingerprint, bucket, account_id, n FROM ledger.recount_failures_by_hour WHERE bucket >= :since
EXCEPT
SELECT shop_id, fingerprint, bucket, account_id, n FROM ledger.failures_by_hour WHERE bucket >= :since
ON CONFLICT (shop_id, fingerprint, bucket, account_id) DO UPDATE SET n = excluded.n;

-- name: remove_hours(since)!
-- Removes failures by hour, from a moment on, that the log does not bear out.
DELETE FROM ledger.failures_by_hour kept
WHERE kept.bucket >= :since AND NOT EXISTS (
    SELECT FROM ledger.recount_failures_by_hour fresh
    WHERE (fresh.shop_id, fresh.fingerprint, fresh.bucket, fresh.account_id)
        = (kept.shop_id, kept.fingerprint, kept.bucket, kept.account_id)
);

-- name: correct_groups(since)!
-- Sets the kinds of failure that differ from the new ones, after the hours were; what was first seen before that moment
-- was seen in a part of the log that is gone. What a person said of them stays.
INSERT INTO ledger.failure_groups AS g (
    shop_id, fingerprint, type, error_kind, place, message, remedy, n, first_at, last_at, example_id
)
SELECT fresh.shop_id, fresh.fingerprint, fresh.type, fresh.error_kind, fresh.place, fresh.message, fresh.remedy,
       (SELECT sum(h.n)::bigint FROM ledger.failures_by_hour h
        WHERE h.shop_id = fresh.shop_id AND h.fingerprint = fresh.fingerprint),
       least(CASE WHEN kept.first_at < :since THEN kept.first_at END, fresh.first_at), fresh.last_at, fresh.example_id
FROM ledger.recount_failure_groups fresh LEFT JOIN ledger.failure_groups kept USING (shop_id, fingerprint)
WHERE EXISTS (SELECT FROM ledger.failures_by_hour h
              WHERE h.shop_id = fresh.shop_id AND h.fingerprint = fresh.fingerprint)
EXCEPT
SELECT shop_id, fingerprint, type, error_kind, place, message, remedy, n, first_at, last_at, example_id
FROM ledger.failure_groups
ON CONFLICT (shop_id, fingerprint) DO UPDATE SET
    type = excluded.type, error_kind = excluded.error_kind, place = excluded.place, message = excluded.message,
    remedy = excluded.remedy, n = excluded.n, first_at = excluded.first_at, last_at = excluded.last_at,
    example_id = excluded.example_id;

-- name: remove_groups()!
-- Removes kinds of failure that never happened.
DELETE FROM ledger.failure_groups g
WHERE NOT EXISTS (SELECT FROM ledger.failures_by_hour h WHERE h.shop_id = g.shop_id AND h.fingerprint = g.fingerprint);
