-- name: keep_page(account_id, shop_id, source_ids, skus, content_hashes, contents, unusable_ids, creates_new)^
-- Writes what is new or has changed on a page of a catalogue and nothing else; where all that it named stands.
WITH incoming AS (
    SELECT * FROM unnest(:source_ids::text[], :skus::text[], :content_hashes::bytea[], :contents::jsonb[])
        AS i (source_id, sku, content_hash, data)
), known AS (
    SELECT p.source_id, p.position FROM store.products p
    WHERE p.account_id = :account_id AND p.source_id = ANY(:source_ids::text[])
), changed AS (
    UPDATE store.products AS p
    SET sku = i.sku, content_hash = i.content_hash, data = i.data, changed_at = now()
    FROM incoming i
    WHERE p.account_id = :account_id AND p.source_id = i.source_id AND p.content_hash <> i.content_hash
    RETURNING p.source_id
), created AS (
    INSERT INTO store.products (account_id, source_id, shop_id, sku, content_hash, data, position)
    SELECT :account_id, i.source_id, :shop_id, i.sku, i.content_hash, i.data,
           (SELECT coalesce(max(p.position) + 1, 0) FROM store.products p WHERE p.account_id = :account_id)
               + row_number() OVER () - 1
    FROM incoming i
    WHERE :creates_new::boolean AND NOT EXISTS (SELECT FROM known k WHERE k.source_id = i.source_id)
    RETURNING position
)
SELECT (SELECT count(*) FROM changed) AS updated, (SELECT count(*) FROM created) AS created,
       (SELECT count(*) FROM known) AS known,
       ARRAY(
           SELECT position FROM known UNION ALL SELECT position FROM created UNION ALL
           SELECT p.position FROM store.products p
           WHERE p.account_id = :account_id AND p.source_id = ANY(:unusable_ids::text[])
       ) AS positions;

-- name: withdraw_unseen(account_id, seen)$
-- What a whole catalogue did not name is not to be had any more; how many products that concerns.
WITH gone AS (
    UPDATE store.products
    SET data = data || '{"is_available": false, "is_gone": true}', content_hash = '', changed_at = now()
    WHERE account_id = :account_id AND NOT data ? 'is_gone'
      AND CASE WHEN position < 8 * length(:seen::bytea) THEN get_bit(:seen, position) = 0 ELSE true END
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: offers(shop_id, order_id, skus)
-- Which supplier an order's SKUs are to come from: one that has it, and of several the account that is oldest;
-- without those that were ordered somewhere already.
SELECT DISTINCT ON (p.sku) p.sku, p.source_id AS product, p.account_id,
       coalesce((a.settings ->> 'auto_publish_order')::boolean, false) AS is_automatic,
       a.created_at AS connected_at, a.settings ->> 'retry_policy' AS retry_policy
FROM store.products p
JOIN store.accounts a ON a.id = p.account_id AND a.kind = 'supplier' AND a.is_active
WHERE p.shop_id = :shop_id AND p.sku = ANY(:skus::text[])
  AND NOT EXISTS (
      SELECT FROM store.supplier_orders s
      WHERE s.shop_id = :shop_id AND s.order_id = :order_id AND p.sku = ANY(s.skus)
  )
ORDER BY p.sku, (p.data ->> 'is_available')::boolean DESC, p.account_id, p.source_id;
