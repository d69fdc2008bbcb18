-- name: keep_orders(account_id, shop_id, source_ids, order_numbers, statuses, are_shippable, marketplaces, items, ordered_at, updated_at)$
-- Writes orders that are new, or newer than what is stored, and nothing else; how many that were.
WITH written AS (
    INSERT INTO store.marketplace_orders AS o
        (account_id, source_id, shop_id, order_number, status, is_shippable, marketplace, items, ordered_at, updated_at)
    SELECT :account_id, i.source_id, :shop_id, i.order_number, i.status, i.is_shippable, i.marketplace, i.items,
           i.ordered_at, i.updated_at
    FROM unnest(:source_ids::text[], :order_numbers::text[], :statuses::text[], :are_shippable::boolean[],
                :marketplaces::text[], :items::jsonb[], :ordered_at::timestamptz[], :updated_at::timestamptz[])
        AS i (source_id, order_number, status, is_shippable, marketplace, items, ordered_at, updated_at)
    ON CONFLICT (account_id, source_id) DO UPDATE
    SET order_number = excluded.order_number, status = excluded.status, is_shippable = excluded.is_shippable,
        marketplace = excluded.marketplace, items = excluded.items, ordered_at = excluded.ordered_at,
        updated_at = excluded.updated_at, indexed_at = now()
    WHERE o.updated_at < excluded.updated_at
    RETURNING 1
)
SELECT count(*) FROM written;
