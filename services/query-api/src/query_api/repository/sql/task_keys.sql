-- Lists in the order of a column take their tasks from the end of that column's index, shop by shop, and merge them. The
-- order here is the one by start; repository/keyed.py makes the others of it by putting another column, its type and its
-- index's condition where the marks are. The indexes include what most lists are filtered by, so that a task that does
-- not match need not be read.

-- name: down(shop_ids, low, high, value, id, least, wanted)
-- The next tasks downwards from a place, to `least`.
SELECT found.task_id, found.value, found.type, found.state, found.account_id, found.attempt
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT t.task_id, t.started_at /* column */ AS value, t.type, t.state, t.account_id, t.attempt
    FROM ledger.tasks t
    WHERE t.started_at IS NOT NULL /* where */
      AND t.shop_id = shop.id
      AND (t.started_at /* column */, t.task_id) < (:value::timestamptz /* type */, :id::uuid)
      AND t.started_at /* column */ >= :least::timestamptz /* type */
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id DESC, t.started_at /* column */ DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.value DESC, found.task_id DESC LIMIT :wanted;

-- name: up(shop_ids, low, high, value, id, most, wanted)
-- The next tasks upwards from a place, to what is below `most`.
SELECT found.task_id, found.value, found.type, found.state, found.account_id, found.attempt
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT t.task_id, t.started_at /* column */ AS value, t.type, t.state, t.account_id, t.attempt
    FROM ledger.tasks t
    WHERE t.started_at IS NOT NULL /* where */
      AND t.shop_id = shop.id
      AND (t.started_at /* column */, t.task_id) > (:value::timestamptz /* type */, :id::uuid)
      AND t.started_at /* column */ < :most::timestamptz /* type */
      AND t.task_id >= :low AND t.task_id < :high
    ORDER BY t.shop_id, t.started_at /* column */, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.value, found.task_id LIMIT :wanted;

-- name: troubled_down(shop_ids, low, high, value, id, wanted, states, types, account_ids, error_kind, fingerprint)
-- The same of tasks that did not simply succeed, filtered on the way.
SELECT found.task_id, found.value
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id, t.started_at /* column */ AS value FROM ledger.tasks t
    WHERE t.started_at IS NOT NULL /* where */
      AND t.shop_id = shop.id AND t.state = state.name
      AND (t.started_at /* column */, t.task_id) < (:value::timestamptz /* type */, :id::uuid)
      AND t.task_id >= :low AND t.task_id < :high
      AND (:types::text[] IS NULL OR t.type = ANY(:types::text[]))
      AND (:account_ids::bigint[] IS NULL OR t.account_id = ANY(:account_ids::bigint[]))
      AND (:error_kind::text IS NULL OR t.error_kind = :error_kind)
      AND (:fingerprint::text IS NULL OR t.fingerprint = :fingerprint)
    ORDER BY t.shop_id DESC, t.state DESC, t.started_at /* column */ DESC, t.task_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.value DESC, found.task_id DESC LIMIT :wanted;

-- name: troubled_up(shop_ids, low, high, value, id, wanted, states, types, account_ids, error_kind, fingerprint)
-- The same upwards.
SELECT found.task_id, found.value
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT t.task_id, t.started_at /* column */ AS value FROM ledger.tasks t
    WHERE t.started_at IS NOT NULL /* where */
      AND t.shop_id = shop.id AND t.state = state.name
      AND (t.started_at /* column */, t.task_id) > (:value::timestamptz /* type */, :id::uuid)
      AND t.task_id >= :low AND t.task_id < :high
      AND (:types::text[] IS NULL OR t.type = ANY(:types::text[]))
      AND (:account_ids::bigint[] IS NULL OR t.account_id = ANY(:account_ids::bigint[]))
      AND (:error_kind::text IS NULL OR t.error_kind = :error_kind)
      AND (:fingerprint::text IS NULL OR t.fingerprint = :fingerprint)
    ORDER BY t.shop_id, t.state, t.started_at /* column */, t.task_id
    LIMIT :wanted
) AS found
ORDER BY found.value, found.task_id LIMIT :wanted;
