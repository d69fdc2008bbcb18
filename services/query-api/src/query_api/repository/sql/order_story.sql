-- name: orders_called(shop_ids, order_id, numbers, wanted)
-- Orders of some shops with an id or one of these numbers, of the shop itself or of a marketplace.
SELECT found.shop_id, found.source_id, found.order_number, found.source_id = :order_id AS is_by_id
FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT shop_id, source_id, order_number FROM store.orders WHERE shop_id = shop.id AND source_id = :order_id
    UNION
    SELECT shop_id, source_id, order_number FROM store.orders
    WHERE shop_id = shop.id AND order_number = ANY(:numbers::text[])
    UNION
    SELECT shop_id, source_id, order_number FROM store.marketplace_orders
    WHERE shop_id = shop.id AND source_id = :order_id
    UNION
    SELECT shop_id, source_id, order_number FROM store.marketplace_orders
    WHERE shop_id = shop.id AND order_number = ANY(:numbers::text[])
) AS found
LIMIT :wanted;

-- name: orders_with_id(shop_ids, order_id)
-- Orders of some shops with an id, of the shop itself or of a marketplace.
SELECT shop_id, order_number FROM store.orders
WHERE shop_id = ANY(:shop_ids::bigint[]) AND source_id = :order_id
UNION
SELECT shop_id, order_number FROM store.marketplace_orders
WHERE shop_id = ANY(:shop_ids::bigint[]) AND source_id = :order_id;

-- name: packages_of(shop_id, order_ids)
-- The packages of an order, with the tasks that told of them.
SELECT s.account_id, s.package_number, s.carrier, s.tracking_numbers, s.synced_at, s.task_ids
FROM store.accounts a JOIN store.shipments s ON s.account_id = a.id AND s.order_id = ANY(:order_ids::text[])
WHERE a.shop_id = :shop_id
ORDER BY s.package_number LIMIT 200;

-- name: purchases_of(shop_id, order_ids)
-- The order as suppliers have it.
SELECT account_id, supplier_reference AS reference, status, tracking_numbers, delivery_date, placed_at, updated_at,
       shop_told_at
FROM store.supplier_orders WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[])
ORDER BY placed_at LIMIT 200;

-- name: parts_of(shop_id, order_ids)
-- The ids of an order's parcels and refunds, where tasks are about those.
(SELECT 'parcel' AS kind, source_id FROM store.fulfilments
 WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[]) LIMIT 200)
UNION ALL
(SELECT 'refund' AS kind, source_id FROM store.refunds
 WHERE shop_id = :shop_id AND order_id = ANY(:order_ids::text[]) LIMIT 200);

-- name: topics_of(task_ids, low, high)
-- The topics of the webhooks that some tasks received; the bounds are the lowest and highest of their ids.
SELECT task_id, meta ->> 'topic' AS topic FROM ledger.payloads
WHERE task_id = ANY(:task_ids::uuid[]) AND task_id >= :low AND task_id <= :high
  AND attempt = 1 AND position = 0 AND meta ->> 'topic' IS NOT NULL;
