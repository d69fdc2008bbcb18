-- Pages take orders from the ends of index ranges, one for each account and state, and merge them.

-- name: newest(account_ids, states, is_first, first_at, account_id, order_id, since, until, wanted)
-- The next orders, those whose first shipment came last before the others.
SELECT found.*
FROM unnest(:account_ids::bigint[]) AS account (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT o.* FROM store.shipped_orders o
    WHERE o.account_id = account.id AND o.state = state.name
      AND (:is_first::boolean
           OR o.first_at <= :first_at::timestamptz AND (o.first_at, o.order_id, o.account_id)
              < (:first_at::timestamptz, :order_id::text, :account_id::bigint))
      AND (:since::timestamptz IS NULL OR o.first_at >= :since::timestamptz)
      AND (:until::timestamptz IS NULL OR o.first_at < :until::timestamptz)
    ORDER BY o.first_at DESC, o.order_id DESC
    LIMIT :wanted
) AS found
ORDER BY found.first_at DESC, found.order_id DESC, found.account_id DESC LIMIT :wanted;

-- name: oldest(account_ids, states, is_first, first_at, account_id, order_id, since, until, wanted)
-- The next orders, those whose first shipment came first before the others.
SELECT found.*
FROM unnest(:account_ids::bigint[]) AS account (id)
CROSS JOIN unnest(:states::text[]) AS state (name)
CROSS JOIN LATERAL (
    SELECT o.* FROM store.shipped_orders o
    WHERE o.account_id = account.id AND o.state = state.name
      AND (:is_first::boolean
           OR o.first_at >= :first_at::timestamptz AND (o.first_at, o.order_id, o.account_id)
              > (:first_at::timestamptz, :order_id::text, :account_id::bigint))
      AND (:since::timestamptz IS NULL OR o.first_at >= :since::timestamptz)
      AND (:until::timestamptz IS NULL OR o.first_at < :until::timestamptz)
    ORDER BY o.first_at, o.order_id
    LIMIT :wanted
) AS found
ORDER BY found.first_at, found.order_id, found.account_id LIMIT :wanted;

-- name: shipped_order(account_id, order_id)
-- How one order stands.
SELECT * FROM store.shipped_orders WHERE account_id = :account_id AND order_id = :order_id;

-- name: shipped_orders_of(account_ids, order_ids)
-- How some orders stand.
SELECT o.*
FROM unnest(:account_ids::bigint[], :order_ids::text[]) AS asked (account_id, order_id)
JOIN store.shipped_orders o ON o.account_id = asked.account_id AND o.order_id = asked.order_id;

-- name: known_orders(account_ids, order_ids)
-- What shops and marketplaces say of orders, as far as they are known here.
SELECT asked.account_id, asked.order_id,
       coalesce(m.status, o.data ->> 'fulfillment_status', CASE WHEN o.data IS NOT NULL THEN 'unfulfilled' END) AS status,
       coalesce(to_json(m.ordered_at) #>> '{}', o.data ->> 'created_at') AS ordered_at
FROM unnest(:account_ids::bigint[], :order_ids::text[]) AS asked (account_id, order_id)
JOIN store.accounts a ON a.id = asked.account_id
LEFT JOIN store.marketplace_orders m ON m.account_id = asked.account_id AND m.source_id = asked.order_id
LEFT JOIN store.orders o ON a.kind = 'shopify' AND o.shop_id = a.shop_id AND o.source_id = asked.order_id;
