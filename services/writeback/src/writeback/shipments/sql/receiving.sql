-- name: telling_accounts(shop_id, kinds)
-- The shop's accounts whose systems are told of shipments, those in use first, the oldest first.
SELECT id, kind, name, is_active, settings FROM store.accounts
WHERE shop_id = :shop_id AND kind = ANY(:kinds::text[]) ORDER BY is_active DESC, id;

-- name: own_orders_by_id(shop_id, source_id)
-- The shop's own order of an id, as far as shipments need it.
SELECT source_id, order_number, deleted_at, data -> 'line_items' AS lines, data ->> 'created_at' AS ordered_at,
       data ->> 'cancelled_at' IS NOT NULL AS is_cancelled
FROM store.orders
WHERE shop_id = :shop_id AND source_id = :source_id AND (data IS NOT NULL OR deleted_at IS NOT NULL);

-- name: own_orders_by_number(shop_id, numbers)
-- The shop's own orders of a number, in either spelling.
SELECT source_id, order_number, deleted_at, data -> 'line_items' AS lines, data ->> 'created_at' AS ordered_at,
       data ->> 'cancelled_at' IS NOT NULL AS is_cancelled
FROM store.orders
WHERE shop_id = :shop_id AND order_number = ANY(:numbers::text[]) AND (data IS NOT NULL OR deleted_at IS NOT NULL)
ORDER BY source_id LIMIT 10;

-- name: marketplace_orders_by_id(shop_id, source_id)
-- The orders of an id at the shop's marketplaces.
SELECT account_id, source_id, order_number, items, ordered_at, is_shippable, status
FROM store.marketplace_orders WHERE shop_id = :shop_id AND source_id = :source_id ORDER BY account_id;

-- name: marketplace_orders_by_number(shop_id, numbers)
-- The orders of a number at the shop's marketplaces.
SELECT account_id, source_id, order_number, items, ordered_at, is_shippable, status
FROM store.marketplace_orders WHERE shop_id = :shop_id AND order_number = ANY(:numbers::text[])
ORDER BY account_id, source_id LIMIT 10;

-- name: take_turn(place)!
-- Messages about one order take turns, also about its first package; taken before any row is locked.
SELECT pg_advisory_xact_lock(hashtextextended(:place, 4));

-- name: known_packages(account_id, order_id)
-- All packages of an order, held until the transaction ends; the order keeps two from waiting for each other.
SELECT id, shipment_id, package_id, package_number, carrier, service, tracking_numbers, tracking_url, items, is_void,
       stated_at
FROM store.shipments WHERE account_id = :account_id AND order_id = :order_id ORDER BY id FOR UPDATE;

-- name: add_packages(packages)!
-- New packages, to be told.
INSERT INTO store.shipments (
    id, shop_id, account_id, order_id, order_number, shipment_id, package_id, package_number, label, carrier, service,
    tracking_numbers, tracking_url, shipped_at, items, quantity, task_id, stated_at
)
SELECT id, shop_id, account_id, order_id, order_number, shipment_id, package_id, package_number, label, carrier,
       service, tracking_numbers, tracking_url, shipped_at, items, quantity, task_id, stated_at
FROM jsonb_populate_recordset(NULL::store.shipments, :packages::jsonb);

-- name: correct_package(id, carrier, service, tracking_numbers, tracking_url, shipped_at, task_id, stated_at)!
-- The sender's newer word on a package, to be told.
UPDATE store.shipments
SET carrier = :carrier, service = :service, tracking_numbers = :tracking_numbers::text[], tracking_url = :tracking_url,
    shipped_at = :shipped_at, version = version + 1, state = 'pending', task_id = :task_id, stated_at = :stated_at,
    error_count = 0, error_kind = NULL, error_message = NULL, note = NULL, updated_at = clock_timestamp()
WHERE id = :id;

-- name: void_package(id, task_id, stated_at)!
-- A package is taken back, which is to be told.
UPDATE store.shipments
SET is_void = true, version = version + 1, state = 'pending', task_id = :task_id,
    stated_at = greatest(stated_at, :stated_at),
    error_count = 0, error_kind = NULL, error_message = NULL, note = NULL, updated_at = clock_timestamp()
WHERE id = :id;

-- name: restate_packages(ids, stated_at)!
-- The sender said the same again: what was said before that counts no more.
UPDATE store.shipments SET stated_at = greatest(stated_at, :stated_at) WHERE id = ANY(:ids::uuid[]);

-- name: note_ordered(account_id, order_id, ordered)!
-- How many units the order asks for.
UPDATE store.shipped_orders SET ordered = :ordered, updated_at = clock_timestamp()
WHERE account_id = :account_id AND order_id = :order_id AND ordered IS DISTINCT FROM :ordered;
