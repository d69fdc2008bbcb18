-- Pages of lists that are sorted by account or state: then whole ranges come one after the other. Each range has its
-- rank in the list, and the id at which the page begins in it.

-- name: down(account_ids, states, ranks, bounds, ids, created_from, created_to, attempted_from, attempted_to, wanted)
-- The next shipments downwards.
SELECT found.id
FROM unnest(:account_ids::bigint[], :states::text[], :ranks::integer[], :bounds::uuid[])
     AS part (account_id, state, rank, bound)
CROSS JOIN LATERAL (
    SELECT s.id FROM store.shipments s
    WHERE s.account_id = part.account_id AND s.state = part.state AND s.id < part.bound
      AND (:ids::uuid[] IS NULL OR s.id = ANY(:ids::uuid[]))
      AND (:created_from::timestamptz IS NULL OR s.created_at >= :created_from::timestamptz)
      AND (:created_to::timestamptz IS NULL OR s.created_at < :created_to::timestamptz)
      AND (:attempted_from::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) >= :attempted_from::timestamptz)
      AND (:attempted_to::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) < :attempted_to::timestamptz)
    ORDER BY s.id DESC
    LIMIT :wanted
) AS found
ORDER BY part.rank DESC, found.id DESC LIMIT :wanted;

-- name: up(account_ids, states, ranks, bounds, ids, created_from, created_to, attempted_from, attempted_to, wanted)
-- The next shipments upwards.
SELECT found.id
FROM unnest(:account_ids::bigint[], :states::text[], :ranks::integer[], :bounds::uuid[])
     AS part (account_id, state, rank, bound)
CROSS JOIN LATERAL (
    SELECT s.id FROM store.shipments s
    WHERE s.account_id = part.account_id AND s.state = part.state AND s.id > part.bound
      AND (:ids::uuid[] IS NULL OR s.id = ANY(:ids::uuid[]))
      AND (:created_from::timestamptz IS NULL OR s.created_at >= :created_from::timestamptz)
      AND (:created_to::timestamptz IS NULL OR s.created_at < :created_to::timestamptz)
      AND (:attempted_from::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) >= :attempted_from::timestamptz)
      AND (:attempted_to::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) < :attempted_to::timestamptz)
    ORDER BY s.id
    LIMIT :wanted
) AS found
ORDER BY part.rank, found.id LIMIT :wanted;
