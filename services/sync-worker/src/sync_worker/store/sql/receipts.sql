-- name: hold_order(shop_id, order_id)^
-- One at a time settles a receipt of an order, so that all of them add up.
SELECT source_id FROM store.orders WHERE shop_id = :shop_id AND source_id = :order_id FOR UPDATE;

-- name: receipts(account_id, order_id)
-- The order's receipts, and whether the CRM has accepted them.
SELECT r.receipt_id, r.kind, r.created_at, r.lines, coalesce(e.is_done, false) AS is_sent
FROM store.receipts r
LEFT JOIN store.effects e ON e.account_id = r.account_id AND e.effect_key = 'receipt:' || r.receipt_id
WHERE r.account_id = :account_id AND r.order_id = :order_id
ORDER BY r.settled_at, r.receipt_id;

-- name: settle(account_id, receipt_id, shop_id, order_id, kind, created_at, lines)!
-- What the receipt states from now on.
INSERT INTO store.receipts (account_id, receipt_id, shop_id, order_id, kind, created_at, lines)
VALUES (:account_id, :receipt_id, :shop_id, :order_id, :kind, :created_at, :lines);

-- name: withdraw(account_id, receipt_id)!
-- The CRM refused the receipt: the next attempt settles it anew.
DELETE FROM store.receipts WHERE account_id = :account_id AND receipt_id = :receipt_id;
