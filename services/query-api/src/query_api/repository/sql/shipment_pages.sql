-- Pages take ids from the ends of index ranges, one range for each account and state, and merge them. The order here is
-- the one by creation; repository/shipment_pages.py makes the others of it, each of which has its index, by putting
-- another column and type where the marks are.

-- name: down(account_ids, states, is_first, value, id, ids, created_from, created_to, attempted_from, attempted_to, wanted)
-- The next shipments downwards from a place, or from the top.
SELECT found.id
FROM unnest(:account_ids::bigint[]) AS account (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT s.id, s.created_at /* column */ AS value FROM store.shipments s
    WHERE s.account_id = account.id AND s.state = state.name
      AND (:is_first::boolean OR (s.created_at /* column */, s.id) < (:value::timestamptz /* type */, :id::uuid))
      AND (:ids::uuid[] IS NULL OR s.id = ANY(:ids::uuid[]))
      AND (:created_from::timestamptz IS NULL OR s.created_at >= :created_from::timestamptz)
      AND (:created_to::timestamptz IS NULL OR s.created_at < :created_to::timestamptz)
      AND (:attempted_from::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) >= :attempted_from::timestamptz)
      AND (:attempted_to::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) < :attempted_to::timestamptz)
    ORDER BY s.created_at /* column */ DESC, s.id DESC
    LIMIT :wanted
) AS found
ORDER BY found.value DESC, found.id DESC LIMIT :wanted;

-- name: up(account_ids, states, is_first, value, id, ids, created_from, created_to, attempted_from, attempted_to, wanted)
-- The next shipments upwards from a place, or from the bottom.
SELECT found.id
FROM unnest(:account_ids::bigint[]) AS account (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT s.id, s.created_at /* column */ AS value FROM store.shipments s
    WHERE s.account_id = account.id AND s.state = state.name
      AND (:is_first::boolean OR (s.created_at /* column */, s.id) > (:value::timestamptz /* type */, :id::uuid))
      AND (:ids::uuid[] IS NULL OR s.id = ANY(:ids::uuid[]))
      AND (:created_from::timestamptz IS NULL OR s.created_at >= :created_from::timestamptz)
      AND (:created_to::timestamptz IS NULL OR s.created_at < :created_to::timestamptz)
      AND (:attempted_from::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) >= :attempted_from::timestamptz)
      AND (:attempted_to::timestamptz IS NULL OR coalesce(s.last_attempt_at, 'epoch'::timestamptz) < :attempted_to::timestamptz)
    ORDER BY s.created_at /* column */, s.id
    LIMIT :wanted
) AS found
ORDER BY found.value, found.id LIMIT :wanted;
