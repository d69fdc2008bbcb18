-- name: accounts_that_ship(shop_ids)
-- The accounts of some shops (NULL: of all) that have shipments.
SELECT a.id, a.shop_id, s.domain, a.kind, a.name, a.settings, a.is_active, s.is_active AS is_shop_active, a.problem,
       CASE WHEN t.paused_until > now() THEN t.paused_until END AS paused_until, t.reason AS pause_reason,
       coalesce(t.is_hold, false) AS is_hold
FROM store.accounts a
JOIN store.shops s ON s.id = a.shop_id
LEFT JOIN store.throttles t ON t.account_id = a.id
WHERE (:shop_ids::bigint[] IS NULL OR a.shop_id = ANY(:shop_ids::bigint[]))
  AND EXISTS (SELECT FROM store.shipments WHERE account_id = a.id)
ORDER BY a.id;

-- name: shipments_by_id(ids)
-- Shipments in no particular order.
SELECT * FROM store.shipments WHERE id = ANY(:ids::uuid[]);

-- name: ids_by_order_number(account_ids, states, order_numbers, wanted)
-- The shipments of orders with one of these numbers. Comparisons and order are those of one index, which no other has.
SELECT found.id
FROM unnest(:account_ids::bigint[]) AS account (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN unnest(:order_numbers::text[]) AS number (text)
CROSS JOIN LATERAL (
    SELECT s.id FROM store.shipments s
    WHERE s.account_id = account.id AND s.state = state.name
      AND (coalesce(s.order_number, ''), s.id) >= (number.text, '00000000-0000-0000-0000-000000000000'::uuid)
      AND (coalesce(s.order_number, ''), s.id) <= (number.text, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
    ORDER BY coalesce(s.order_number, ''), s.id
    LIMIT :wanted
) AS found
LIMIT :wanted;

-- name: ids_by_shipment_id(shop_ids, shipment_id, wanted)
-- The packages of a shipment.
SELECT id FROM store.shipments
WHERE shop_id = ANY(:shop_ids::bigint[]) AND shipment_id = :shipment_id
LIMIT :wanted;

-- name: ids_by_tracking_number(account_ids, tracking_number, wanted)
-- The packages with a tracking number.
SELECT id FROM store.shipments
WHERE tracking_numbers @> ARRAY[:tracking_number::text] AND account_id = ANY(:account_ids::bigint[])
LIMIT :wanted;

-- name: plan_for_search()^
-- What is picked by an id or a stretch of time may be sorted: there is less of it than the whole order holds.
SELECT set_config('enable_sort', 'on', true), set_config('enable_incremental_sort', 'on', true);
