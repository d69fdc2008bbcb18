-- What a text in the search box leads to is taken from index ranges, up to a number; when there is more, tasks are
-- judged one by one instead.

-- name: ids_beginning(shop_ids, beginnings, ends, low, high, wanted)
-- Tasks of some shops whose name in a column begins so, in no order; `ends`: the first text after each beginning.
SELECT found.task_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN unnest(:beginnings::text[], :ends::text[]) AS wanted (beginning, after)
CROSS JOIN LATERAL (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.order_number /* kept */ IS NOT NULL AND t.shop_id = shop.id
      AND t.order_number /* column */ >= wanted.beginning AND t.order_number /* column */ < wanted.after
      AND t.task_id >= :low AND t.task_id < :high
    LIMIT :wanted
) AS found
LIMIT :wanted;

-- name: ids_worded(shop_ids, words, low, high, wanted)
-- Tasks of some shops with these words in the message of their error, in no order; of the last word the beginning.
WITH asked AS MATERIALIZED (
    SELECT t.task_id FROM ledger.tasks t
    WHERE t.error_message IS NOT NULL
      AND to_tsvector('simple', t.error_message) @@ CASE
          WHEN numnode(plainto_tsquery('simple', :words)) > 0 THEN (plainto_tsquery('simple', :words)::text || ':*')::tsquery
      END
      AND t.shop_id = ANY(:shop_ids::bigint[]) AND t.task_id >= :low AND t.task_id < :high
)
SELECT task_id FROM asked LIMIT :wanted;

-- name: worded_among(task_ids, words, low, high)
-- Those of some tasks with these words in the message of their error; the bounds are the lowest and highest of the ids.
SELECT t.task_id FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
CROSS JOIN LATERAL (
    SELECT task_id, error_message FROM ledger.tasks
    WHERE task_id = wanted.task_id AND task_id >= :low AND task_id <= :high
    LIMIT 1
) AS t
WHERE to_tsvector('simple', t.error_message) @@ CASE
    WHEN numnode(plainto_tsquery('simple', :words)) > 0 THEN (plainto_tsquery('simple', :words)::text || ':*')::tsquery
END;

-- name: accounts_named(shop_ids, name, beginning)
-- Accounts of some shops of this kind or name, or where one begins so; in lower case.
SELECT id FROM store.accounts
CROSS JOIN LATERAL unnest(ARRAY[lower(kind), lower(name), lower(kind || ' ' || name)]) AS called (so)
WHERE shop_id = ANY(:shop_ids::bigint[])
  AND (called.so = :name OR starts_with(called.so, :beginning))
GROUP BY id ORDER BY id;

-- name: packages_tracked(shop_ids, number, wanted)
-- The tasks that told of packages of some shops with a tracking number.
SELECT task_ids, NULL::text AS source_id FROM store.shipments
WHERE tracking_numbers @> ARRAY[:number::text] AND shop_id = ANY(:shop_ids::bigint[])
LIMIT :wanted;

-- name: packages_beginning(shop_ids, beginning, after, wanted)
-- Packages of some shops whose first tracking number begins so: the tasks that told of them, or the parcel or order
-- they belong to.
SELECT found.task_ids, found.source_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT task_ids, NULL::text AS source_id FROM store.shipments
    WHERE shop_id = shop.id AND left(tracking_numbers[1], 200) COLLATE "C" >= :beginning
      AND left(tracking_numbers[1], 200) COLLATE "C" < :after
    UNION ALL
    SELECT NULL::uuid[], order_id FROM store.supplier_orders
    WHERE shop_id = shop.id AND left(tracking_numbers[1], 200) COLLATE "C" >= :beginning
      AND left(tracking_numbers[1], 200) COLLATE "C" < :after
    UNION ALL
    SELECT NULL::uuid[], source_id FROM store.fulfilments
    WHERE shop_id = shop.id AND left(data ->> 'tracking_number', 200) COLLATE "C" >= :beginning
      AND left(data ->> 'tracking_number', 200) COLLATE "C" < :after
) AS found
LIMIT :wanted;

-- name: parents_of(task_ids, low, high)
-- The tasks that caused some others; the bounds are the lowest and highest of their ids.
SELECT DISTINCT parent_id AS task_id FROM unnest(:task_ids::uuid[]) AS wanted (task_id)
CROSS JOIN LATERAL (
    SELECT parent_id FROM ledger.tasks
    WHERE task_id = wanted.task_id AND task_id >= :low AND task_id <= :high
    LIMIT 1
) AS t
WHERE parent_id IS NOT NULL;
