-- name: newest_rejections(domains, wanted)
-- The last refused deliveries of some shops.
SELECT r.id, r.source, r.shop_domain, r.topic, r.reason, r.n, r.first_at, r.last_at
FROM unnest(:domains::text[]) AS shop (domain)
CROSS JOIN LATERAL (
    SELECT * FROM ingest.rejections
    WHERE shop_domain = shop.domain
    ORDER BY last_at DESC LIMIT :wanted
) AS r
ORDER BY r.last_at DESC, r.id DESC LIMIT :wanted;

-- name: newest_rejections_of_all(wanted)
-- The last refused deliveries, those that name an unknown shop or none included.
SELECT id, source, shop_domain, topic, reason, n, first_at, last_at
FROM ingest.rejections
ORDER BY last_at DESC LIMIT :wanted;

-- name: kinds_of_rejections(domains, since, most, most_kinds)
-- What was refused of some shops' deliveries, and how often, out of the latest rows.
SELECT source, shop_domain, topic, reason, sum(n)::bigint AS n, min(first_at) AS first_at, max(last_at) AS last_at,
       (sum(count(*)) OVER ())::bigint AS n_rows
FROM (
    SELECT r.* FROM unnest(:domains::text[]) AS shop (domain)
    CROSS JOIN LATERAL (
        SELECT * FROM ingest.rejections
        WHERE shop_domain = shop.domain AND last_at >= :since
        ORDER BY last_at DESC LIMIT :most
    ) AS r
    ORDER BY r.last_at DESC LIMIT :most
) AS latest
GROUP BY source, shop_domain, topic, reason
ORDER BY max(last_at) DESC, source, shop_domain, topic, reason LIMIT :most_kinds;

-- name: kinds_of_all(since, most, most_kinds)
-- The same of all deliveries, those that name an unknown shop or none included.
SELECT source, shop_domain, topic, reason, sum(n)::bigint AS n, min(first_at) AS first_at, max(last_at) AS last_at,
       (sum(count(*)) OVER ())::bigint AS n_rows
FROM (
    SELECT * FROM ingest.rejections WHERE last_at >= :since ORDER BY last_at DESC LIMIT :most
) AS latest
GROUP BY source, shop_domain, topic, reason
ORDER BY max(last_at) DESC, source, shop_domain, topic, reason LIMIT :most_kinds;
