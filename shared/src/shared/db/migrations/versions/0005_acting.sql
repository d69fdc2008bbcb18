-- ---------------------------------------------------------------------------------------------- acting

-- Who did what, when, and from where. Append-only.
CREATE TABLE admin.audit_log (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor     text NOT NULL,
    token_id  bigint,
    address   text,
    action    text NOT NULL,
    shop_id   bigint,
    subject   text,
    detail    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_by_shop ON admin.audit_log (shop_id, id);
CREATE INDEX audit_log_by_subject ON admin.audit_log (subject, id) WHERE subject IS NOT NULL;
COMMENT ON COLUMN admin.audit_log.actor IS 'the token''s name, a person signed in, or the command line';
COMMENT ON COLUMN admin.audit_log.subject IS 'what it was done to: a task, an operation, an account, a token';
COMMENT ON COLUMN admin.audit_log.detail IS 'without secrets and without personal data';

-- Work over many tasks that a person asked for: the tasks are settled when it begins, and gone through at a rate.
CREATE TABLE admin.operations (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('retry', 'cancel', 'delete', 'export')),
    state        text NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'succeeded', 'aborted', 'failed')),
    shop_ids     bigint[],
    selection    jsonb NOT NULL,
    options      jsonb NOT NULL DEFAULT '{}',
    total        bigint,
    done         bigint NOT NULL DEFAULT 0,
    skipped      bigint NOT NULL DEFAULT 0,
    failed       bigint NOT NULL DEFAULT 0,
    cursor       jsonb,
    summary      jsonb NOT NULL DEFAULT '{}',
    problem      text,
    token_id     bigint,
    requested_by text NOT NULL,
    owner        text,
    lease_until  timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    expires_at   timestamptz,
    CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'aborted', 'failed')))
);
CREATE INDEX operations_by_time ON admin.operations (created_at);
CREATE INDEX operations_open ON admin.operations (created_at) WHERE finished_at IS NULL;
COMMENT ON COLUMN admin.operations.shop_ids IS 'the shops the one who asked may see; NULL: all';
COMMENT ON COLUMN admin.operations.selection IS 'the filter as it was asked for, frozen: tasks that come later do not belong to it; or ids';
COMMENT ON COLUMN admin.operations.cursor IS 'how far it has come; moved with what it did';
COMMENT ON COLUMN admin.operations.expires_at IS 'of an export: when its file goes';

-- Which task retries which: settled before the broker has it, so that nobody retries a task twice.
CREATE TABLE admin.retries (
    task_id      uuid PRIMARY KEY,
    retry_id     uuid NOT NULL,
    operation_id uuid,
    decided_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz
);
CREATE INDEX retries_by_operation ON admin.retries (operation_id) WHERE operation_id IS NOT NULL;
CREATE INDEX retries_by_time ON admin.retries (decided_at);
COMMENT ON TABLE admin.retries IS 'of some days: after that the log tells';

-- A finished export, in pieces.
CREATE TABLE admin.export_parts (
    operation_id uuid NOT NULL REFERENCES admin.operations ON DELETE CASCADE,
    position     integer NOT NULL,
    content      bytea NOT NULL,
    PRIMARY KEY (operation_id, position)
);
COMMENT ON COLUMN admin.export_parts.content IS 'encrypted with the master keys';

-- Answers to requests that carried an Idempotency-Key: a repeat gets the same answer and does nothing.
CREATE TABLE admin.idempotency_keys (
    token_id   bigint NOT NULL,
    key        text NOT NULL,
    request    bytea NOT NULL,
    status     integer,
    answer     bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_keys_by_time ON admin.idempotency_keys (created_at);
COMMENT ON COLUMN admin.idempotency_keys.request IS 'a hash of method, path and body: the same key with another request is refused';
COMMENT ON COLUMN admin.idempotency_keys.status IS 'NULL: the first request is still being answered, or broke off';
COMMENT ON COLUMN admin.idempotency_keys.answer IS 'encrypted with the master keys: it may show a new token';

ALTER TABLE admin.api_tokens ADD COLUMN subject text UNIQUE;
COMMENT ON COLUMN admin.api_tokens.subject IS 'issuer and subject of a person who signs in by OIDC, whose groups gave role and shops; NULL: a token';

ALTER TABLE store.shops ADD COLUMN payload_days integer CHECK (payload_days > 0);
COMMENT ON COLUMN store.shops.payload_days IS 'how long its payloads are kept; NULL: as long as the platform keeps them';

-- Boards that people keep under a name.
CREATE TABLE admin.saved_views (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_id   bigint NOT NULL REFERENCES admin.api_tokens,
    name       text NOT NULL,
    query      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (token_id, name)
);
COMMENT ON COLUMN admin.saved_views.query IS 'the address''s filters';

-- Sign-ins to the console that have not ended.
CREATE TABLE admin.sessions (
    key_hash   bytea PRIMARY KEY,
    token_id   bigint NOT NULL REFERENCES admin.api_tokens,
    address    text,
    started_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_token ON admin.sessions (token_id);
COMMENT ON COLUMN admin.sessions.key_hash IS 'of what the browser''s cookie holds';

-- Tasks that were deleted for good: a message about one that comes late is not recorded again.
CREATE TABLE ledger.deleted_tasks (
    task_id    uuid NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id)
) PARTITION BY RANGE (task_id);

-- For the days the log has already.
SELECT ledger.ensure_partitions(min(day), max(day))
FROM (SELECT to_date(right(child.relname, 8), 'YYYYMMDD') AS day
      FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid
      WHERE i.inhparent = 'ledger.tasks'::regclass) AS days
HAVING count(*) > 0;

-- Their successors are built by the next migration, while lists still use these.
ALTER INDEX ledger.tasks_by_parent RENAME TO tasks_by_parent_before;
ALTER INDEX ledger.tasks_by_retry_of RENAME TO tasks_by_retry_of_before;

-- How long attempts took and had waited, by class, so that percentiles can be told. `query-api rebuild` counts what is there.
ALTER TABLE ledger.task_counts_by_minute ADD COLUMN spread numeric NOT NULL DEFAULT 0;
ALTER TABLE ledger.task_counts_by_hour
    ADD COLUMN spread numeric CONSTRAINT task_counts_by_minute_spread_not_null NOT NULL DEFAULT 0;
ALTER TABLE ledger.recount_by_minute
    ADD COLUMN spread numeric CONSTRAINT task_counts_by_minute_spread_not_null NOT NULL DEFAULT 0;
ALTER TABLE ledger.recount_by_hour
    ADD COLUMN spread numeric CONSTRAINT task_counts_by_minute_spread_not_null NOT NULL DEFAULT 0;
COMMENT ON COLUMN ledger.task_counts_by_minute.spread IS 'ends of attempts by how long they took, begun ones by how long they had waited: as in query_api/spreads.py twelve digits for each class, those of the shortest last';

-- A task may be cancelled while nobody works on it.
ALTER TABLE ledger.task_events DROP CONSTRAINT task_events_state_check,
    ADD CONSTRAINT task_events_state_check
        CHECK (state IN ('queued', 'processing', 'retrying', 'failed', 'succeeded', 'cancelled')) NOT VALID;
ALTER TABLE ledger.tasks DROP CONSTRAINT tasks_state_check, DROP CONSTRAINT tasks_check,
    ADD CONSTRAINT tasks_state_check
        CHECK (state IN ('queued', 'processing', 'retrying', 'failed', 'succeeded', 'cancelled')) NOT VALID,
    ADD CONSTRAINT tasks_check
        CHECK ((completed_at IS NOT NULL) = (state IN ('failed', 'succeeded', 'cancelled'))) NOT VALID;

-- Planned once: with a partition for each day, planning anew costs more than claiming.
ALTER FUNCTION store.claim_task(uuid, integer, bigint, bigint, text, text, text, interval, integer)
    SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION store.complete_task(uuid, integer, bigint, text, text, boolean, bytea)
    SET plan_cache_mode = force_generic_plan;

-- Ends a task for good that nobody is working on; its message finds it over, and publishes the outcome unless it is
-- NULL by then. Verdicts:
--   cancelled it is over now, or was cancelled before by the same owner: the first answer may have been lost
--   running   somebody works on it, or died in the middle of it: nobody knows what it has done
--   over      it ended before
--   moved     it is at another attempt than the caller thinks
CREATE FUNCTION store.cancel_task(p_task uuid, p_attempt integer, p_owner text, p_outcome bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    found_row store.inbox%ROWTYPE;
BEGIN
    INSERT INTO store.inbox (task_id, attempt, is_running, is_over, owner, outcome)
    VALUES (p_task, p_attempt, false, true, p_owner, p_outcome)
    ON CONFLICT (task_id) DO NOTHING;
    IF FOUND THEN RETURN 'cancelled'; END IF;
    SELECT * INTO found_row FROM store.inbox i WHERE i.task_id = p_task FOR UPDATE;
    IF found_row.is_over AND found_row.owner = p_owner THEN RETURN 'cancelled'; END IF;
    IF found_row.is_over THEN RETURN 'over'; END IF;
    IF found_row.is_running THEN RETURN 'running'; END IF;
    IF found_row.attempt + 1 <> p_attempt THEN RETURN 'moved'; END IF;
    UPDATE store.inbox
    SET attempt = p_attempt, is_over = true, owner = p_owner, outcome = p_outcome, updated_at = clock_timestamp()
    WHERE task_id = p_task;
    RETURN 'cancelled';
END
$$;

-- Drops a day's detached events and tasks, and takes what these events had moved out of the counters.
CREATE OR REPLACE FUNCTION ledger.drop_log_day(p_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    events text := 'ledger.task_events_' || to_char(p_day, 'YYYYMMDD');
    tasks text := 'ledger.tasks_' || to_char(p_day, 'YYYYMMDD');
BEGIN
    IF to_regclass(events) IS NOT NULL THEN
        EXECUTE format($sql$
            INSERT INTO ledger.task_counts AS c (shop_id, type, account_id, state, n)
            SELECT (header ->> 'shop_id')::bigint, header ->> 'type', coalesce((header ->> 'account_id')::bigint, 0), moved.state,
                   -sum(moved.n)
            FROM %s AS e,
                 LATERAL (VALUES (e.state, 1),
                                 (CASE WHEN e.state = 'queued' THEN NULL WHEN e.state NOT IN ('processing', 'cancelled') THEN 'processing'
                                       WHEN e.attempt = 1 THEN 'queued' ELSE 'retrying' END, -1)) AS moved (state, n)
            WHERE moved.state IS NOT NULL
            GROUP BY 1, 2, 3, 4 HAVING sum(moved.n) <> 0
            ORDER BY 1, 2, 3, 4
            ON CONFLICT (shop_id, type, account_id, state) DO UPDATE SET n = c.n + excluded.n
        $sql$, events);
        EXECUTE format('DROP TABLE %s', events);
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS %s', tasks);
    INSERT INTO ledger.dropped_days (day) VALUES (p_day) ON CONFLICT DO NOTHING;
END
$$;

-- What came into each state in each minute, of all tasks of a shop, of each type and of each account: what is counted by
-- type, account and state together, added up as it is asked for most, so that answers read few rows.
CREATE TABLE ledger.task_flows_by_minute (
    bucket          timestamptz NOT NULL,
    shop_id         bigint NOT NULL,
    facet           text NOT NULL CHECK (facet IN ('all', 'type', 'account')),
    name            text NOT NULL,
    queued          bigint NOT NULL,
    processing      bigint NOT NULL,
    retrying        bigint NOT NULL,
    failed          bigint NOT NULL,
    succeeded       bigint NOT NULL,
    cancelled       bigint NOT NULL,
    items_processed bigint NOT NULL,
    items_failed    bigint NOT NULL,
    took            numeric NOT NULL,
    waited          numeric NOT NULL,
    PRIMARY KEY (shop_id, facet, bucket, name)
);
COMMENT ON COLUMN ledger.task_flows_by_minute.name IS 'the type, or the account''s id (0: none); empty: all';
COMMENT ON COLUMN ledger.task_flows_by_minute.took IS 'ends of attempts by how long they took: digits as of the counters'' spread';

CREATE TABLE ledger.task_flows_by_hour (LIKE ledger.task_flows_by_minute INCLUDING ALL);

-- What the counters by type, account and state add up to: what flows have to be.
CREATE VIEW ledger.told_by_minute AS
SELECT bucket, shop_id, facet, name,
       coalesce(sum(n) FILTER (WHERE state = 'queued'), 0)::bigint AS queued,
       coalesce(sum(n) FILTER (WHERE state = 'processing'), 0)::bigint AS processing,
       coalesce(sum(n) FILTER (WHERE state = 'retrying'), 0)::bigint AS retrying,
       coalesce(sum(n) FILTER (WHERE state = 'failed'), 0)::bigint AS failed,
       coalesce(sum(n) FILTER (WHERE state = 'succeeded'), 0)::bigint AS succeeded,
       coalesce(sum(n) FILTER (WHERE state = 'cancelled'), 0)::bigint AS cancelled,
       sum(items_processed)::bigint AS items_processed, sum(items_failed)::bigint AS items_failed,
       coalesce(sum(spread) FILTER (WHERE state <> 'processing'), 0) AS took,
       coalesce(sum(spread) FILTER (WHERE state = 'processing'), 0) AS waited
FROM ledger.task_counts_by_minute,
     LATERAL (VALUES ('all', ''), ('type', type), ('account', account_id::text)) AS told (facet, name)
GROUP BY bucket, shop_id, facet, name;

CREATE VIEW ledger.told_by_hour AS
SELECT bucket, shop_id, facet, name,
       coalesce(sum(n) FILTER (WHERE state = 'queued'), 0)::bigint AS queued,
       coalesce(sum(n) FILTER (WHERE state = 'processing'), 0)::bigint AS processing,
       coalesce(sum(n) FILTER (WHERE state = 'retrying'), 0)::bigint AS retrying,
       coalesce(sum(n) FILTER (WHERE state = 'failed'), 0)::bigint AS failed,
       coalesce(sum(n) FILTER (WHERE state = 'succeeded'), 0)::bigint AS succeeded,
       coalesce(sum(n) FILTER (WHERE state = 'cancelled'), 0)::bigint AS cancelled,
       sum(items_processed)::bigint AS items_processed, sum(items_failed)::bigint AS items_failed,
       coalesce(sum(spread) FILTER (WHERE state <> 'processing'), 0) AS took,
       coalesce(sum(spread) FILTER (WHERE state = 'processing'), 0) AS waited
FROM ledger.task_counts_by_hour,
     LATERAL (VALUES ('all', ''), ('type', type), ('account', account_id::text)) AS told (facet, name)
GROUP BY bucket, shop_id, facet, name;

-- A row of ledger.tasks as the recorder sends it: many of them in one array cost less than an array for each column.
CREATE TYPE ledger.task_row AS (
    task_id         uuid,
    shop_id         bigint,
    account_id      bigint,
    type            text,
    state           text,
    state_rank      smallint,
    attempt         integer,
    max_attempts    integer,
    source_id       text,
    order_number    text,
    parent_id       uuid,
    root_id         uuid,
    retry_of        uuid,
    created_at      timestamptz,
    queued_at       timestamptz,
    started_at      timestamptz,
    completed_at    timestamptz,
    due_at          timestamptz,
    updated_at      timestamptz,
    report_order    bigint,
    target_id       text,
    duration_ms     double precision,
    items_processed bigint,
    items_failed    bigint,
    items_total     bigint,
    note            text,
    summary         jsonb,
    error_kind      text,
    error_message   text,
    error_status    integer,
    error_excerpt   text,
    error_place     text,
    remedy          text,
    fingerprint     text
);
