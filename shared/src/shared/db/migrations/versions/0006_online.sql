-- Each statement runs by itself, outside of a transaction, and can be run again; indexes are built beside writers.

-- Those who listen to what happens read it in the order of its recording.
CREATE INDEX task_events_by_recording ON ledger.task_events (recorded_at);
CREATE INDEX imports_by_end ON store.imports (finished_at);

-- Lists are walked by an index for each filter that leads to few tasks, and for each column they can be sorted by,
-- which also holds what most lists are filtered by.
CREATE INDEX tasks_by_parent ON ledger.tasks (parent_id, task_id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_retry_of ON ledger.tasks (retry_of, task_id) WHERE retry_of IS NOT NULL;
CREATE INDEX tasks_by_account ON ledger.tasks (account_id, task_id) WHERE account_id IS NOT NULL;
CREATE INDEX tasks_by_order ON ledger.tasks (shop_id, order_number COLLATE "C", task_id) WHERE order_number IS NOT NULL;
CREATE INDEX tasks_by_source ON ledger.tasks (shop_id, source_id COLLATE "C", task_id) WHERE source_id IS NOT NULL;
CREATE INDEX tasks_by_target ON ledger.tasks (shop_id, target_id COLLATE "C", task_id) WHERE target_id IS NOT NULL;
CREATE INDEX tasks_by_fingerprint ON ledger.tasks (shop_id, fingerprint, task_id) WHERE fingerprint IS NOT NULL;
CREATE INDEX tasks_by_start ON ledger.tasks (shop_id, started_at, task_id)
    INCLUDE (type, state, account_id, attempt) WHERE started_at IS NOT NULL;
CREATE INDEX tasks_by_completion ON ledger.tasks (shop_id, completed_at, task_id)
    INCLUDE (type, state, account_id, attempt) WHERE completed_at IS NOT NULL;
CREATE INDEX tasks_by_duration ON ledger.tasks (shop_id, duration_ms, task_id)
    INCLUDE (type, state, account_id, attempt) WHERE duration_ms IS NOT NULL;
CREATE INDEX tasks_by_attempts ON ledger.tasks (shop_id, attempt, task_id)
    INCLUDE (type, state, account_id) WHERE attempt > 1;
CREATE INDEX tasks_by_words ON ledger.tasks USING gin (to_tsvector('simple', error_message)) WHERE error_message IS NOT NULL;
DROP INDEX IF EXISTS ledger.tasks_by_parent_before, ledger.tasks_by_retry_of_before;

-- A tracking number, or its beginning, leads to the packages that have it first.
CREATE INDEX shipments_by_first_tracking ON store.shipments (shop_id, left(tracking_numbers[1], 200) COLLATE "C", id);
CREATE INDEX supplier_orders_by_tracking ON store.supplier_orders (shop_id, left(tracking_numbers[1], 200) COLLATE "C", order_id);
CREATE INDEX fulfilments_by_tracking ON store.fulfilments (shop_id, left(data ->> 'tracking_number', 200) COLLATE "C", source_id);

-- What did not simply succeed is rare: lists of it, in the order of a column, have small indexes of
-- their own, which also hold what such lists are filtered by.
CREATE INDEX troubled_by_start ON ledger.tasks (shop_id, state, started_at, task_id)
    INCLUDE (type, account_id, error_kind, fingerprint)
    WHERE started_at IS NOT NULL AND (error_kind IS NOT NULL OR state IN ('retrying', 'failed', 'cancelled'));
CREATE INDEX troubled_by_completion ON ledger.tasks (shop_id, state, completed_at, task_id)
    INCLUDE (type, account_id, error_kind, fingerprint)
    WHERE completed_at IS NOT NULL AND (error_kind IS NOT NULL OR state IN ('retrying', 'failed', 'cancelled'));
CREATE INDEX troubled_by_duration ON ledger.tasks (shop_id, state, duration_ms, task_id)
    INCLUDE (type, account_id, error_kind, fingerprint)
    WHERE duration_ms IS NOT NULL AND (error_kind IS NOT NULL OR state IN ('retrying', 'failed', 'cancelled'));
CREATE INDEX troubled_by_attempts ON ledger.tasks (shop_id, state, attempt, task_id)
    INCLUDE (type, account_id, error_kind, fingerprint)
    WHERE error_kind IS NOT NULL OR state IN ('retrying', 'failed', 'cancelled');
CREATE INDEX troubled_by_type ON ledger.tasks (shop_id, state, type COLLATE "C", task_id)
    INCLUDE (account_id, error_kind, fingerprint)
    WHERE error_kind IS NOT NULL OR state IN ('retrying', 'failed', 'cancelled');

-- What began or ended long after it was created, or before, is rare as well: lists of what was created in a part of a day,
-- in that order, find it here and the rest where it lies.
CREATE INDEX far_by_start ON ledger.tasks (shop_id, started_at, task_id)
    INCLUDE (type, state, account_id, attempt)
    WHERE started_at IS NOT NULL AND started_at - created_at NOT BETWEEN INTERVAL '-15 minutes' AND INTERVAL '15 minutes';
CREATE INDEX far_by_completion ON ledger.tasks (shop_id, completed_at, task_id)
    INCLUDE (type, state, account_id, attempt)
    WHERE completed_at IS NOT NULL AND completed_at - created_at NOT BETWEEN INTERVAL '-15 minutes' AND INTERVAL '15 minutes';

-- The last migration made these for what comes; here for what is there.
ALTER TABLE ledger.task_events VALIDATE CONSTRAINT task_events_state_check;
ALTER TABLE ledger.tasks VALIDATE CONSTRAINT tasks_state_check;
ALTER TABLE ledger.tasks VALIDATE CONSTRAINT tasks_check;

INSERT INTO ledger.task_flows_by_minute SELECT * FROM ledger.told_by_minute ON CONFLICT DO NOTHING;
INSERT INTO ledger.task_flows_by_hour SELECT * FROM ledger.told_by_hour ON CONFLICT DO NOTHING;
