-- name: supplier_order(account_id, order_id)^
-- What became of an order at a supplier; nothing when it was never placed there.
SELECT supplier_reference, shop_told_at FROM store.supplier_orders
WHERE account_id = :account_id AND order_id = :order_id;

-- name: keep_placed(account_id, order_id, shop_id, order_number, supplier_reference, skus)!
-- The supplier has accepted an order under this reference.
INSERT INTO store.supplier_orders (account_id, order_id, shop_id, order_number, supplier_reference, skus, status)
VALUES (:account_id, :order_id, :shop_id, :order_number, :supplier_reference, :skus::text[], 'placed')
ON CONFLICT (account_id, order_id) DO NOTHING;

-- name: note_shop_told(account_id, order_id)!
-- The shop's order names the supplier and its reference.
UPDATE store.supplier_orders SET shop_told_at = now() WHERE account_id = :account_id AND order_id = :order_id;

-- name: open_orders(account_id, after, wanted)
-- The next orders that are under way at the supplier.
SELECT order_id, supplier_reference FROM store.supplier_orders
WHERE account_id = :account_id AND order_id > :after AND status NOT IN ('delivered', 'cancelled', 'failed')
ORDER BY order_id LIMIT :wanted;

-- name: count_open(account_id)$
-- How many orders are under way at the supplier.
SELECT count(*) FROM store.supplier_orders
WHERE account_id = :account_id AND status NOT IN ('delivered', 'cancelled', 'failed');

-- name: keep_states(account_id, run_id, states)
-- Brings our orders to the states the supplier tells; which of them are ours, and whether that changed them.
WITH told AS (
    SELECT * FROM jsonb_to_recordset(:states::jsonb)
        AS t (reference text, status text, tracking_numbers text[], tracking_url text, delivery_date date)
), before AS (
    SELECT s.order_id, s.supplier_reference,
           (s.status, s.tracking_numbers, s.tracking_url, s.delivery_date) IS DISTINCT FROM
               (t.status, t.tracking_numbers, coalesce(t.tracking_url, s.tracking_url),
                coalesce(t.delivery_date, s.delivery_date)) AS is_changed,
           t.status, t.tracking_numbers, t.tracking_url, t.delivery_date
    FROM store.supplier_orders s JOIN told t ON t.reference = s.supplier_reference
    WHERE s.account_id = :account_id
), kept AS (
    UPDATE store.supplier_orders AS s
    SET status = b.status, tracking_numbers = b.tracking_numbers,
        tracking_url = coalesce(b.tracking_url, s.tracking_url),
        delivery_date = coalesce(b.delivery_date, s.delivery_date), checked_in = :run_id,
        updated_at = CASE WHEN b.is_changed THEN now() ELSE s.updated_at END
    FROM before b
    WHERE s.account_id = :account_id AND s.order_id = b.order_id
      AND (b.is_changed OR s.status NOT IN ('delivered', 'cancelled', 'failed'))
)
SELECT supplier_reference, is_changed FROM before;

-- name: note_unreadable(account_id, run_id, refs)
-- Our orders among those whose state could not be read: the run has met them.
UPDATE store.supplier_orders SET checked_in = :run_id
WHERE account_id = :account_id AND supplier_reference = ANY(:refs::text[])
RETURNING supplier_reference;

-- name: unmet(account_id, run_id, started_at)
-- Orders under way that a whole list of the supplier's orders did not name.
SELECT supplier_reference FROM store.supplier_orders
WHERE account_id = :account_id AND checked_in IS DISTINCT FROM :run_id AND placed_at < :started_at
  AND status NOT IN ('delivered', 'cancelled', 'failed')
ORDER BY order_id;
