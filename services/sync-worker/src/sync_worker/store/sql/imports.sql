-- name: ensure(import_id, shop_id, kinds, kind, requested_by, task_id)!
-- Makes the import that was asked for, unless it is there or another one of the shop is under way.
INSERT INTO store.imports (id, shop_id, kinds, kind, state, requested_by, task_id)
VALUES (:import_id, :shop_id, :kinds::text[], :kind, 'requested', :requested_by, :task_id) ON CONFLICT DO NOTHING;

-- name: found(import_id, shop_id)^
-- One import of the shop.
SELECT * FROM store.imports WHERE id = :import_id AND shop_id = :shop_id;

-- name: take_up(task_id, import_id, shop_id, predecessors)^
-- The import passes from the task that worked on it to its successor; nothing when somebody else has it.
UPDATE store.imports SET task_id = :task_id, updated_at = now()
WHERE id = :import_id AND shop_id = :shop_id AND task_id = ANY(:predecessors::uuid[]) AND finished_at IS NULL
RETURNING *;

-- name: reopen(task_id, import_id, shop_id, retry_of)!
-- A person retries the task an import failed with: it goes on where it stood.
UPDATE store.imports
SET state = summary ->> 'failed_in', summary = summary - 'failed_in', problem = NULL, finished_at = NULL,
    task_id = :task_id, updated_at = now()
WHERE id = :import_id AND shop_id = :shop_id AND state = 'failed' AND task_id = :retry_of;

-- name: of_operation(shop_id, operation_id)^
-- The import that waits for an export of the shop.
SELECT * FROM store.imports WHERE shop_id = :shop_id AND operation_id = :operation_id;

-- name: is_being_asked_for(shop_id)$
-- Whether an import of the shop is about to learn the id of its export.
SELECT EXISTS (SELECT FROM store.imports WHERE shop_id = :shop_id AND state = 'requested');

-- name: exporting(operation_id, import_id, task_id)!
-- The shop writes the export.
UPDATE store.imports SET state = 'exporting', operation_id = :operation_id, phase_at = now(), updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND state = 'requested';

-- name: exported(url, size, total, task_id, import_id, operation_id)!
-- The export is there. Whoever learns it first goes on.
UPDATE store.imports
SET state = 'staging', url = :url, size = :size, total = :total, task_id = :task_id, phase_at = now(), updated_at = now()
WHERE id = :import_id AND operation_id = :operation_id AND state = 'exporting';

-- name: advance_staging(until, lines, failed, summary, import_id, task_id, since)!
-- Lines up to a byte are laid down.
UPDATE store.imports
SET byte_offset = :until, lines = lines + :lines, failed = failed + :failed, summary = :summary, updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND state = 'staging' AND byte_offset = :since;

-- name: staged(total, import_id, task_id)!
-- All lines are laid down.
UPDATE store.imports SET state = 'processing', total = :total, phase_at = now(), updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND state = 'staging';

-- name: advance_processing(until, processed, failed, summary, import_id, task_id, since)!
-- Objects up to a line are worked on.
UPDATE store.imports
SET position = :until, processed = processed + :processed, failed = failed + :failed, summary = :summary, updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND state = 'processing' AND position = :since;

-- name: stored(failed, summary, import_id, task_id)!
-- Everything of a kind is stored.
UPDATE store.imports
SET state = 'syncing', failed = failed + :failed, total = processed + failed + :failed, summary = :summary, url = NULL, phase_at = now(), updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND state = 'processing';

-- name: begin_kind(kind, import_id, task_id)!
-- The next kind begins from nothing.
UPDATE store.imports
SET kind = :kind, state = 'requested', operation_id = NULL, url = NULL, byte_offset = 0, size = NULL, lines = 0,
    total = NULL, position = 0, processed = 0, failed = 0, phase_at = now(), updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND state = 'syncing';

-- name: keep_summary(summary, import_id, task_id)!
-- What the import has to tell.
UPDATE store.imports SET summary = :summary, updated_at = now() WHERE id = :import_id AND task_id = :task_id;

-- name: finish(import_id, task_id)!
-- All is done.
UPDATE store.imports SET state = 'finished', finished_at = now(), url = NULL, updated_at = now()
WHERE id = :import_id AND task_id = :task_id AND finished_at IS NULL;

-- name: fail(problem, task_id, import_id)!
-- The import ends before its end; a retry of the task goes on from here. While the shop writes, nobody holds it.
UPDATE store.imports
SET summary = summary || jsonb_build_object('failed_in', state), state = 'failed', problem = :problem,
    task_id = :task_id, finished_at = now(), updated_at = now()
WHERE id = :import_id AND (task_id = :task_id OR state = 'exporting') AND finished_at IS NULL;

-- name: fail_export(task_id, problem, import_id, operation_id)!
-- The shop has not finished the export.
UPDATE store.imports
SET state = 'failed', problem = :problem, task_id = :task_id, finished_at = now(), updated_at = now()
WHERE id = :import_id AND operation_id = :operation_id AND state = 'exporting';

-- name: adopt_changes(import_id, shop_id)!
-- What an earlier import of the shop did not hand over any more, this one does.
UPDATE store.import_changes c SET import_id = :import_id
FROM store.imports i
WHERE i.id = c.import_id AND i.shop_id = :shop_id AND i.state IN ('failed', 'stopped') AND i.id <> :import_id;

-- name: left_behind(shop_id)
-- Ended imports of the shop that still have staged lines.
SELECT id FROM store.imports i
WHERE shop_id = :shop_id AND finished_at IS NOT NULL AND EXISTS (SELECT FROM store.import_lines l WHERE l.import_id = i.id);
