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
