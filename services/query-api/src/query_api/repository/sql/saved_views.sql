-- name: views_of(token_id)
-- What somebody keeps, by name.
SELECT id, name, query FROM admin.saved_views WHERE token_id = :token_id ORDER BY name;

-- name: keep(token_id, name, query, most)!
-- Keeps a view under a name, which may have been another's; not more than so many.
INSERT INTO admin.saved_views (token_id, name, query)
SELECT :token_id, :name, :query
WHERE (SELECT count(*) FROM admin.saved_views WHERE token_id = :token_id AND name <> :name) < :most
ON CONFLICT (token_id, name) DO UPDATE SET query = excluded.query;

-- name: forget(token_id, view_id)!
-- Somebody's own only.
DELETE FROM admin.saved_views WHERE token_id = :token_id AND id = :view_id;
