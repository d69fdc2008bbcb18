-- name: unpublished_orders(account_id, shop_id, after, wanted)
-- The next paid orders with products of a supplier that it has not got. Walks the shop's open orders, of which there
-- are few, in the order of their ids.
SELECT o.source_id, o.order_number
FROM store.orders o
WHERE o.shop_id = :shop_id AND o.source_id > :after
  AND o.data ->> 'financial_status' = 'paid' AND o.data ->> 'cancelled_at' IS NULL
  AND coalesce(o.data ->> 'fulfillment_status', 'unfulfilled') IN ('unfulfilled', 'partial')
  AND coalesce((o.data ->> 'test')::boolean, false) = false
  AND NOT EXISTS (
      SELECT FROM store.supplier_orders s WHERE s.account_id = :account_id AND s.order_id = o.source_id
  )
  AND EXISTS (
      SELECT FROM jsonb_array_elements(o.data -> 'line_items') AS line
      JOIN store.products p ON p.shop_id = o.shop_id AND p.sku = line ->> 'sku' AND p.account_id = :account_id
  )
ORDER BY o.source_id LIMIT :wanted;

-- name: runs(shop_ids, account_id, type, is_under_way, before, wanted)
-- The newest runs of some shops.
SELECT found.* FROM unnest(:shop_ids::bigint[]) AS shop (id)
CROSS JOIN LATERAL (
    SELECT r.id, r.shop_id, r.account_id, a.name AS account, r.type, r.processed, r.failed, r.total, r.summary,
           r.problem, r.started_at, r.updated_at, r.finished_at
    FROM store.runs r JOIN store.accounts a ON a.id = r.account_id
    WHERE r.shop_id = shop.id AND r.id < :before
      AND (:account_id::bigint IS NULL OR r.account_id = :account_id)
      AND (:type::text IS NULL OR r.type = :type)
      AND (:is_under_way::boolean IS NULL OR (r.finished_at IS NULL) = :is_under_way)
    ORDER BY r.shop_id DESC, r.id DESC LIMIT :wanted
) AS found
ORDER BY found.id DESC LIMIT :wanted;
