-- name: add_rejections(sources, shop_domains, topics, reasons, counts, first_ats, last_ats)!
-- Adds counted rejections to the row of their minute; the order keeps replicas from waiting for each other.
INSERT INTO ingest.rejections AS r (source, shop_domain, topic, reason, n, first_at, last_at)
SELECT counted.* FROM unnest(:sources::text[], :shop_domains::text[], :topics::text[], :reasons::text[],
    :counts::bigint[], :first_ats::timestamptz[], :last_ats::timestamptz[])
    AS counted (source, shop_domain, topic, reason, n, first_at, last_at)
ORDER BY 1, 2, 3, 4, 6
ON CONFLICT (date_trunc('minute', first_at AT TIME ZONE 'UTC'), source, shop_domain, topic, reason)
DO UPDATE SET n = r.n + excluded.n, first_at = least(r.first_at, excluded.first_at),
    last_at = greatest(r.last_at, excluded.last_at);
