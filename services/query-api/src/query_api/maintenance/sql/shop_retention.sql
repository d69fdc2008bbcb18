-- name: shops(platform_days)
-- Shops that want their payloads kept for less than the platform keeps them.
SELECT id, payload_days FROM store.shops WHERE payload_days < :platform_days ORDER BY id;

-- name: last_task(shop_id, after, first_day_kept, at_most)$
-- The last of some tasks of a shop, in order, that are of days before the first one kept; NULL: there are no more.
SELECT task_id FROM (
    SELECT task_id FROM ledger.tasks
    WHERE shop_id = :shop_id AND task_id > :after AND task_id < ledger.first_id_of(:first_day_kept)
    ORDER BY task_id LIMIT :at_most
) AS chunk ORDER BY task_id DESC LIMIT 1;

-- name: delete_payloads(shop_id, after, last)!
-- Deletes the payloads of a shop's tasks from one to another.
DELETE FROM ledger.payloads p USING ledger.tasks t
WHERE t.shop_id = :shop_id AND t.task_id > :after AND t.task_id <= :last
  AND p.task_id = t.task_id AND p.task_id > :after AND p.task_id <= :last;
