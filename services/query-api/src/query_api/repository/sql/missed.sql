-- name: missed_webhooks(shop_ids, days)
-- What polls had to find because no webhook told of it, by shop, day and kind, the latest first.
SELECT s.domain, m.kind, m.day, m.n
FROM store.missed_webhooks m JOIN store.shops s ON s.id = m.shop_id
WHERE m.shop_id = ANY(:shop_ids::bigint[]) AND m.day > (now() AT TIME ZONE 'UTC')::date - :days::integer
ORDER BY m.day DESC, s.domain, m.kind;
