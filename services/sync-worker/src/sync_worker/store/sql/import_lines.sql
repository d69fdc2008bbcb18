-- name: add_failures(import_id, kind, lines, object_ids, reasons)!
-- Lines and objects that could not be used, and why.
INSERT INTO store.import_failures (import_id, kind, line, object_id, reason)
SELECT :import_id, :kind, bad.* FROM unnest(:lines::bigint[], :object_ids::text[], :reasons::text[]) AS bad
ON CONFLICT DO NOTHING;

-- name: parents(import_id, after, wanted)
-- The next objects that are nobody's children.
SELECT line, object_id, body FROM store.import_lines
WHERE import_id = :import_id AND parent_id IS NULL AND line > :after ORDER BY line LIMIT :wanted;

-- name: children(import_id, parent_ids)
-- The children of some objects, wherever they stood.
SELECT parent_id, line, body FROM store.import_lines
WHERE import_id = :import_id AND parent_id = ANY(:parent_ids::text[]) ORDER BY parent_id, line;

-- name: add_orphans(import_id, kind, reason)
-- Children whose parent is not in the export, noted as failed.
INSERT INTO store.import_failures (import_id, kind, line, object_id, reason)
SELECT :import_id, :kind, child.line, child.object_id, :reason FROM store.import_lines child
WHERE child.import_id = :import_id AND child.parent_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM store.import_lines parent
    WHERE parent.import_id = :import_id AND parent.parent_id IS NULL AND parent.object_id = child.parent_id
)
ON CONFLICT DO NOTHING
RETURNING line;

-- name: remove_lines(import_id, at_most)!
-- Takes staged lines away, a part at a time.
DELETE FROM store.import_lines WHERE import_id = :import_id AND line IN (
    SELECT line FROM store.import_lines WHERE import_id = :import_id ORDER BY line LIMIT :at_most
);

-- name: add_changes(import_id, kinds, source_ids, order_numbers)!
-- What the CRM has to be told.
INSERT INTO store.import_changes (import_id, kind, source_id, order_number)
SELECT :import_id, changed.* FROM unnest(:kinds::text[], :source_ids::text[], :order_numbers::text[]) AS changed;

-- name: take_changes(import_id, at_most)
-- The next changes to be handed over.
DELETE FROM store.import_changes WHERE import_id = :import_id AND position IN (
    SELECT position FROM store.import_changes WHERE import_id = :import_id ORDER BY position LIMIT :at_most
)
RETURNING position, kind, source_id, order_number;

-- name: remove_changes(import_id)!
-- Nothing more is handed over.
DELETE FROM store.import_changes WHERE import_id = :import_id;

-- name: unfinished(shop_id, account_id, types)$
-- How many tasks of these types are on their way for an account.
SELECT coalesce(sum(n), 0)::bigint FROM ledger.task_counts
WHERE shop_id = :shop_id AND account_id = :account_id AND type = ANY(:types::text[])
  AND state IN ('queued', 'processing', 'retrying');

-- name: account_problem(account_id)$
-- Why an account can not be used right now; NULL when it can.
SELECT problem FROM store.accounts WHERE id = :account_id AND is_active;
