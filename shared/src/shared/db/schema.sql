-- The whole schema as it stands after all migrations (a test proves they are equal).
-- Tables partitioned by task id hold one day each: ids are time-ordered, so the id alone finds the partition.

CREATE SCHEMA ledger;
CREATE SCHEMA store;
CREATE SCHEMA ingest;
CREATE SCHEMA alerts;
CREATE SCHEMA admin;

-- The first task id of a day: 48 bits of milliseconds, then zeros.
CREATE FUNCTION ledger.first_id_of(day date) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(extract(epoch FROM day::timestamp)::bigint * 1000), 12, '0') || repeat('0', 20))::uuid
$$;

-- Makes the daily partitions of every table partitioned by task id, from one day through another. Attaching a table
-- made beside its parent lets readers and writers of the parent go on; CREATE … PARTITION OF would stop them all.
CREATE FUNCTION ledger.ensure_partitions(first_day date, last_day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent regclass;
    child text;
    day date;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7265437002);
    FOR parent IN
        SELECT partrelid::regclass FROM pg_partitioned_table WHERE partstrat = 'r' ORDER BY partrelid::regclass::text
    LOOP
        FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
            child := parent::text || '_' || to_char(day, 'YYYYMMDD');
            IF to_regclass(child) IS NULL THEN
                EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', child, parent);
                EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                               parent, child, ledger.first_id_of(day), ledger.first_id_of(day + 1));
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- ---------------------------------------------------------------------------------------------- store

CREATE TABLE store.shops (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    domain          text NOT NULL UNIQUE CHECK (domain = lower(domain)),
    name            text NOT NULL,
    email           text NOT NULL,
    timezone        text NOT NULL DEFAULT 'UTC',
    is_active       boolean NOT NULL DEFAULT true,
    webhook_secrets bytea[] NOT NULL DEFAULT '{}',
    data_key        bytea NOT NULL,
    settings        jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    currency        text,
    uninstalled_at  timestamptz,
    installed_at    timestamptz NOT NULL DEFAULT now(),
    told_at         timestamptz,
    payload_days    integer CHECK (payload_days > 0)
);
COMMENT ON COLUMN store.shops.payload_days IS 'how long its payloads are kept; NULL: as long as the platform keeps them';
COMMENT ON COLUMN store.shops.told_at IS 'when the shop last told of itself: what is older is left alone';
COMMENT ON COLUMN store.shops.webhook_secrets IS 'newest first, each encrypted with the master keys; all are accepted (rotation)';
COMMENT ON COLUMN store.shops.data_key IS 'the key of this shop''s stored payloads, encrypted with the master keys';

CREATE TABLE store.accounts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id     bigint NOT NULL REFERENCES store.shops,
    kind        text NOT NULL,
    name        text NOT NULL,
    base_url    text NOT NULL,
    credentials bytea NOT NULL,
    settings    jsonb NOT NULL DEFAULT '{}',
    is_active   boolean NOT NULL DEFAULT true,
    problem     text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (shop_id, kind, name)
);
COMMENT ON COLUMN store.accounts.problem IS 'why calls with these credentials or settings are refused; NULL when they work';

CREATE TABLE store.customers (
    shop_id        bigint NOT NULL REFERENCES store.shops,
    source_id      text NOT NULL,
    updated_at     timestamptz,
    triggered_at   timestamptz,
    deleted_at     timestamptz,
    content_hash   bytea,
    data           jsonb,
    contact_id     text,
    synced         jsonb,
    synced_at      timestamptz,
    indexed_at     timestamptz NOT NULL DEFAULT now(),
    email_consent  jsonb,
    sms_consent    jsonb,
    tags           text[] NOT NULL DEFAULT '{}',
    crm_preferences jsonb,
    tag_changes    jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (shop_id, source_id)
);
COMMENT ON TABLE store.customers IS 'newest known state of each customer; a deleted one stays as a tombstone without data';
COMMENT ON COLUMN store.customers.email_consent IS 'newest state the shop told: {state, opt_in_level, consent_updated_at}';
COMMENT ON COLUMN store.customers.tag_changes IS 'when each tag was last told to come or go: an older delta changes nothing';
COMMENT ON COLUMN store.customers.crm_preferences IS 'acceptsEmail and acceptsSms as the CRM last had them, {value, changed_at}: an equal change is our own echo; changed_at: changed there, not by us';
COMMENT ON COLUMN store.customers.synced IS 'the contact fields as the CRM last accepted them';
CREATE INDEX customers_by_contact ON store.customers (shop_id, contact_id) WHERE contact_id IS NOT NULL;

CREATE TABLE store.orders (
    shop_id        bigint NOT NULL REFERENCES store.shops,
    source_id      text NOT NULL,
    order_number   text,
    customer_id    text,
    updated_at     timestamptz,
    triggered_at   timestamptz,
    deleted_at     timestamptz,
    content_hash   bytea,
    data           jsonb,
    indexed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, source_id)
);
CREATE INDEX orders_by_number ON store.orders (shop_id, order_number);

-- One row per task that a worker has taken up: who runs it, until when, and how it ended.
CREATE TABLE store.inbox (
    task_id     uuid NOT NULL,
    attempt     integer NOT NULL,
    is_running  boolean NOT NULL,
    is_over     boolean NOT NULL DEFAULT false,
    owner       text,
    lease_until timestamptz,
    takeovers   integer NOT NULL DEFAULT 0,
    outcome     bytea,
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (task_id),
    CHECK (NOT (is_running AND is_over)),
    CHECK (NOT is_running OR (owner IS NOT NULL AND lease_until IS NOT NULL))
) PARTITION BY RANGE (task_id);
COMMENT ON COLUMN store.inbox.outcome IS 'what the finished attempt publishes; NULL once the broker has confirmed all of it';

-- The first task of each delivery: a second id for the same delivery is a duplicate.
CREATE TABLE store.deliveries (
    shop_id      bigint NOT NULL,
    delivery_key text NOT NULL,
    task_id      uuid NOT NULL,
    claimed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, delivery_key)
);
CREATE INDEX deliveries_by_time ON store.deliveries (claimed_at);

-- At most one running task per entity.
CREATE TABLE store.entity_locks (
    shop_id     bigint NOT NULL,
    entity      text NOT NULL,
    task_id     uuid NOT NULL,
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (shop_id, entity)
);

-- Accounts that asked us to come back later; every replica obeys.
CREATE TABLE store.throttles (
    account_id   bigint PRIMARY KEY REFERENCES store.accounts,
    paused_until timestamptz NOT NULL,
    reason       text NOT NULL,
    is_hold      boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN store.throttles.is_hold IS 'its credentials were refused: the pause ends when they are entered again';

-- Effects that the other side neither deduplicates nor lets us read back: written down before and after.
CREATE TABLE store.effects (
    account_id  bigint NOT NULL REFERENCES store.accounts,
    effect_key  text NOT NULL,
    task_id     uuid NOT NULL,
    is_done     boolean NOT NULL DEFAULT false,
    intended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at     timestamptz,
    PRIMARY KEY (account_id, effect_key),
    CHECK (is_done = (done_at IS NOT NULL))
);

-- Takes up one attempt of a task, or says why not. Verdicts:
--   run       the caller owns the attempt until the lease ends; is_resumed: somebody died in the middle of it.
--             Asking again as the same owner is answered the same: the first answer may have been lost
--   duplicate as run, but the delivery was already taken up by the task `first_task`
--   exhausted as run, but it died with its worker too often: it has to fail
--   finished  it ended before; `outcome` has to be published again unless NULL
--   stale     a later attempt exists, or the task is over: nothing to do
--   busy      somebody runs this very attempt
--   entity    another task works on the same entity
--   paused    the account pauses until `not_before`
--   held      as paused, or until the account's credentials are entered again
-- Planned once: with a partition for each day, planning anew costs more than claiming.
CREATE FUNCTION store.claim_task(
    p_task uuid, p_attempt integer, p_shop bigint, p_account bigint, p_entity text, p_delivery text,
    p_owner text, p_lease interval, p_max_takeovers integer,
    OUT verdict text, OUT is_resumed boolean, OUT outcome bytea, OUT first_task uuid, OUT not_before timestamptz
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    found_row store.inbox%ROWTYPE;
    is_held boolean;
BEGIN
    is_resumed := false;
    SELECT paused_until, is_hold INTO not_before, is_held
    FROM store.throttles t WHERE t.account_id = p_account AND paused_until > moment;
    SELECT * INTO found_row FROM store.inbox i WHERE i.task_id = p_task FOR UPDATE;
    IF FOUND THEN
        IF found_row.attempt > p_attempt THEN verdict := 'stale'; RETURN; END IF;
        IF found_row.attempt = p_attempt AND NOT found_row.is_running THEN
            verdict := 'finished'; outcome := found_row.outcome; RETURN;
        END IF;
        IF found_row.is_over THEN verdict := 'stale'; RETURN; END IF;
        IF found_row.is_running AND found_row.owner = p_owner THEN
            UPDATE store.inbox SET lease_until = moment + p_lease WHERE task_id = p_task;
            verdict := 'run'; RETURN;
        END IF;
        IF found_row.is_running AND found_row.lease_until > moment THEN
            verdict := 'busy'; not_before := found_row.lease_until; RETURN;
        END IF;
    END IF;
    IF not_before IS NOT NULL THEN verdict := CASE WHEN is_held THEN 'held' ELSE 'paused' END; RETURN; END IF;

    IF p_entity IS NOT NULL THEN
        INSERT INTO store.entity_locks AS l VALUES (p_shop, p_entity, p_task, moment + p_lease)
        ON CONFLICT (shop_id, entity) DO UPDATE SET task_id = p_task, lease_until = moment + p_lease
        WHERE l.task_id = p_task OR l.lease_until <= moment;
        IF NOT FOUND THEN verdict := 'entity'; RETURN; END IF;
    END IF;

    verdict := 'run';
    INSERT INTO store.inbox AS i (task_id, attempt, is_running, owner, lease_until)
    VALUES (p_task, p_attempt, true, p_owner, moment + p_lease)
    ON CONFLICT (task_id) DO UPDATE
    SET attempt = p_attempt, is_running = true, owner = p_owner, lease_until = moment + p_lease, outcome = NULL,
        takeovers = CASE WHEN i.is_running THEN i.takeovers + 1 ELSE 0 END, updated_at = moment
    WHERE NOT i.is_over AND (NOT i.is_running OR i.lease_until <= moment) AND i.attempt <= p_attempt
    RETURNING i.takeovers > 0, CASE WHEN i.takeovers >= p_max_takeovers THEN 'exhausted' ELSE 'run' END
    INTO is_resumed, verdict;
    IF NOT FOUND THEN verdict := 'busy'; is_resumed := false; not_before := moment + p_lease; RETURN; END IF;

    IF p_delivery IS NOT NULL THEN
        INSERT INTO store.deliveries (shop_id, delivery_key, task_id) VALUES (p_shop, p_delivery, p_task)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            SELECT d.task_id INTO first_task FROM store.deliveries d
            WHERE d.shop_id = p_shop AND d.delivery_key = p_delivery AND d.task_id <> p_task;
            IF first_task IS NOT NULL THEN verdict := 'duplicate'; END IF;
        END IF;
    END IF;
END
$$;

-- Ends an attempt if the owner still holds it, and lets go of its entity. False: the lease was lost to another.
CREATE FUNCTION store.complete_task(
    p_task uuid, p_attempt integer, p_shop bigint, p_entity text, p_owner text, p_is_over boolean, p_outcome bytea
) RETURNS boolean LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE store.inbox
    SET is_running = false, is_over = p_is_over, outcome = p_outcome, owner = NULL, lease_until = NULL,
        updated_at = clock_timestamp()
    WHERE task_id = p_task AND attempt = p_attempt AND is_running AND owner = p_owner;
    IF NOT FOUND THEN RETURN false; END IF;
    IF p_entity IS NOT NULL THEN
        DELETE FROM store.entity_locks WHERE shop_id = p_shop AND entity = p_entity AND task_id = p_task;
    END IF;
    RETURN true;
END
$$;

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

-- ---------------------------------------------------------------------------------------------- ledger

CREATE TABLE ledger.task_events (
    task_id     uuid NOT NULL,
    attempt     integer NOT NULL,
    state       text NOT NULL CHECK (state IN ('queued', 'processing', 'retrying', 'failed', 'succeeded', 'cancelled')),
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    service     text NOT NULL,
    header      jsonb NOT NULL,
    detail      jsonb NOT NULL,
    PRIMARY KEY (task_id, attempt, state)
) PARTITION BY RANGE (task_id);
COMMENT ON TABLE ledger.task_events IS 'append-only: every transition of every task; header and detail as they travelled, without bodies';
CREATE INDEX task_events_by_time ON ledger.task_events USING brin (occurred_at) WITH (pages_per_range = 32, autosummarize = on);
-- Those who listen to what happens read it in the order of its recording.
CREATE INDEX task_events_by_recording ON ledger.task_events (recorded_at);

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

CREATE TABLE ledger.tasks (
    task_id          uuid NOT NULL,
    shop_id          bigint NOT NULL,
    account_id       bigint,
    type             text NOT NULL,
    state            text NOT NULL CHECK (state IN ('queued', 'processing', 'retrying', 'failed', 'succeeded', 'cancelled')),
    state_rank       smallint NOT NULL,
    attempt          integer NOT NULL,
    max_attempts     integer NOT NULL,
    source_id        text,
    target_id        text,
    order_number     text,
    parent_id        uuid,
    root_id          uuid,
    retry_of         uuid,
    created_at       timestamptz NOT NULL,
    queued_at        timestamptz NOT NULL,
    started_at       timestamptz,
    completed_at     timestamptz,
    due_at           timestamptz,
    report_order     bigint NOT NULL DEFAULT 0,
    duration_ms      double precision,
    items_processed  bigint,
    items_failed     bigint,
    items_total      bigint,
    note             text,
    summary          jsonb,
    error_kind       text,
    error_message    text,
    error_status     integer,
    error_excerpt    text,
    error_place      text,
    remedy           text,
    fingerprint      text,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (task_id),
    CHECK ((completed_at IS NOT NULL) = (state IN ('failed', 'succeeded', 'cancelled')))
) PARTITION BY RANGE (task_id);
COMMENT ON TABLE ledger.tasks IS 'projection of task_events: the current state of each task';
COMMENT ON COLUMN ledger.tasks.report_order IS 'which end of an attempt target_id, duration_ms, items_*, note, summary, error_*, remedy and fingerprint come from: attempt * 10 + state rank; 0: none has ended';
CREATE INDEX tasks_by_shop ON ledger.tasks (shop_id, task_id);
CREATE INDEX tasks_by_state ON ledger.tasks (shop_id, state, task_id);
CREATE INDEX tasks_by_type ON ledger.tasks (shop_id, type, state, task_id);
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

CREATE TABLE ledger.payloads (
    task_id     uuid NOT NULL,
    attempt     integer NOT NULL,
    position    integer NOT NULL,
    shop_id     bigint NOT NULL,
    meta        jsonb NOT NULL,
    sent        bytea,
    received    bytea,
    PRIMARY KEY (task_id, attempt, position)
) PARTITION BY RANGE (task_id);
COMMENT ON TABLE ledger.payloads IS 'position 0 of attempt 1: the data the task received; others: each request sent and its answer. Bodies compressed and encrypted with the shop''s key';

-- How many tasks of each kind are in each state now.
CREATE TABLE ledger.task_counts (
    shop_id    bigint NOT NULL,
    type       text NOT NULL,
    account_id bigint NOT NULL,
    state      text NOT NULL,
    n          bigint NOT NULL,
    PRIMARY KEY (shop_id, type, account_id, state)
);
COMMENT ON COLUMN ledger.task_counts.account_id IS '0: none';

-- How many tasks came into each state in each minute, and what they took.
CREATE TABLE ledger.task_counts_by_minute (
    bucket          timestamptz NOT NULL,
    shop_id         bigint NOT NULL,
    type            text NOT NULL,
    account_id      bigint NOT NULL,
    state           text NOT NULL,
    n               bigint NOT NULL,
    duration_ms     double precision NOT NULL,
    items_processed bigint NOT NULL,
    items_failed    bigint NOT NULL,
    spread          numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (shop_id, bucket, type, account_id, state)
);
COMMENT ON COLUMN ledger.task_counts_by_minute.spread IS 'ends of attempts by how long they took, begun ones by how long they had waited: as in query_api/spreads.py twelve digits for each class, those of the shortest last';

CREATE TABLE ledger.task_counts_by_hour (LIKE ledger.task_counts_by_minute INCLUDING ALL);

-- Where a rebuild counts the log anew before it corrects the counters; empty at other times.
CREATE UNLOGGED TABLE ledger.recount (LIKE ledger.task_counts INCLUDING ALL);
CREATE UNLOGGED TABLE ledger.recount_by_minute (LIKE ledger.task_counts_by_minute INCLUDING ALL);
CREATE UNLOGGED TABLE ledger.recount_by_hour (LIKE ledger.task_counts_by_hour INCLUDING ALL);

-- How far the log has come: one row per recorder that ran lately.
CREATE TABLE ledger.recorders (
    instance text PRIMARY KEY,
    as_of    timestamptz NOT NULL,
    backlog  bigint NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN ledger.recorders.as_of IS 'what occurred before this moment stands in the log; of several live recorders the earliest counts';
COMMENT ON COLUMN ledger.recorders.backlog IS 'messages that waited to be recorded when it last looked';

-- Days whose events and tasks were dropped after retention. Statistics of those days stay; they can not be counted again.
CREATE TABLE ledger.dropped_days (
    day        date PRIMARY KEY,
    dropped_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Drops a day's detached events and tasks, and takes what these events had moved out of the counters.
CREATE FUNCTION ledger.drop_log_day(p_day date) RETURNS void LANGUAGE plpgsql AS $$
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

-- ---------------------------------------------------------------------------------------------- ingest

-- Tasks accepted while the broker was away, in the exact bytes to be published.
CREATE TABLE ingest.spool (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id     uuid NOT NULL,
    routing_key text NOT NULL,
    body        bytea NOT NULL,
    spooled_at  timestamptz NOT NULL DEFAULT now()
);

-- Deliveries that were refused, so that a wrong secret is visible. No bodies.
CREATE TABLE ingest.rejections (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,
    shop_domain text,
    topic       text,
    reason      text NOT NULL,
    n           bigint NOT NULL DEFAULT 1,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL
);
CREATE INDEX rejections_by_time ON ingest.rejections (last_at);
CREATE INDEX rejections_by_shop ON ingest.rejections (shop_domain, last_at);
-- One row a minute for each kind, whichever replica counted it.
CREATE UNIQUE INDEX rejections_by_kind
    ON ingest.rejections (date_trunc('minute', first_at AT TIME ZONE 'UTC'), source, shop_domain, topic, reason)
    NULLS NOT DISTINCT;

-- ---------------------------------------------------------------------------------------------- admin

CREATE TABLE admin.api_tokens (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL,
    token_hash   bytea NOT NULL UNIQUE,
    prefix       text NOT NULL,
    role         text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    shop_ids     bigint[],
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    subject      text UNIQUE
);
COMMENT ON COLUMN admin.api_tokens.shop_ids IS 'NULL: all shops';
COMMENT ON COLUMN admin.api_tokens.subject IS 'issuer and subject of a person who signs in by OIDC, whose groups gave role and shops; NULL: a token';

-- ---------------------------------------------------------------------------------------------- sync

CREATE TABLE store.refunds (
    shop_id      bigint NOT NULL REFERENCES store.shops,
    source_id    text NOT NULL,
    order_id     text NOT NULL,
    created_at   timestamptz NOT NULL,
    content_hash bytea NOT NULL,
    data         jsonb NOT NULL,
    indexed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, source_id)
);
CREATE INDEX refunds_by_order ON store.refunds (shop_id, order_id);

CREATE TABLE store.fulfilments (
    shop_id      bigint NOT NULL REFERENCES store.shops,
    source_id    text NOT NULL,
    order_id     text NOT NULL,
    updated_at   timestamptz NOT NULL,
    content_hash bytea NOT NULL,
    data         jsonb NOT NULL,
    indexed_at   timestamptz NOT NULL DEFAULT now(),
    triggered_at timestamptz,
    PRIMARY KEY (shop_id, source_id)
);
CREATE INDEX fulfilments_by_order ON store.fulfilments (shop_id, order_id);

-- What each receipt states, settled before it is sent: the CRM keeps the first it gets, and all of an order add up.
CREATE TABLE store.receipts (
    account_id bigint NOT NULL REFERENCES store.accounts,
    receipt_id text NOT NULL,
    shop_id    bigint NOT NULL REFERENCES store.shops,
    order_id   text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('purchase', 'reversal', 'return')),
    created_at timestamptz NOT NULL,
    lines      jsonb NOT NULL,
    settled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, receipt_id)
);
CREATE INDEX receipts_by_order ON store.receipts (account_id, order_id);

-- The stores the CRM knows. A receipt for an unknown one would create it by accident.
CREATE TABLE store.crm_stores (
    account_id  bigint NOT NULL REFERENCES store.accounts,
    external_id text NOT NULL,
    name        text NOT NULL,
    data        jsonb NOT NULL DEFAULT '{}',
    indexed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, external_id)
);

-- What a supplier offers, as last seen; and which product of the shop it is.
CREATE TABLE store.products (
    account_id      bigint NOT NULL REFERENCES store.accounts,
    source_id       text NOT NULL,
    shop_id         bigint NOT NULL REFERENCES store.shops,
    sku             text,
    content_hash    bytea NOT NULL,
    data            jsonb NOT NULL,
    shop_product_id text,
    position        integer NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, source_id),
    UNIQUE (account_id, position)
);
COMMENT ON COLUMN store.products.position IS 'counted from 0 for each account: a run notes what it saw as one bit each, and writes nothing for what is unchanged';
CREATE INDEX products_by_sku ON store.products (shop_id, sku);

-- Orders handed to a supplier, and how they stand there.
CREATE TABLE store.supplier_orders (
    account_id         bigint NOT NULL REFERENCES store.accounts,
    order_id           text NOT NULL,
    shop_id            bigint NOT NULL REFERENCES store.shops,
    order_number       text,
    supplier_reference text NOT NULL,
    skus               text[] NOT NULL DEFAULT '{}',
    status             text NOT NULL,
    tracking_numbers   text[] NOT NULL DEFAULT '{}',
    tracking_url       text,
    delivery_date      date,
    checked_in         uuid,
    shop_told_at       timestamptz,
    placed_at          timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, order_id),
    UNIQUE (account_id, supplier_reference)
);
CREATE INDEX supplier_orders_by_order ON store.supplier_orders (shop_id, order_id);
CREATE INDEX supplier_orders_open ON store.supplier_orders (account_id, order_id)
    WHERE status NOT IN ('delivered', 'cancelled', 'failed');
COMMENT ON COLUMN store.supplier_orders.skus IS 'what was ordered there: no other supplier gets it as well';
COMMENT ON COLUMN store.supplier_orders.checked_in IS 'the run that last compared it with the supplier';
COMMENT ON COLUMN store.supplier_orders.shop_told_at IS 'when the shop''s order was marked with supplier and reference; NULL: not yet';

-- Orders a supplier may still have to get: few, however many orders there are.
CREATE INDEX orders_open ON store.orders (shop_id, source_id)
    WHERE data ->> 'financial_status' = 'paid' AND data ->> 'cancelled_at' IS NULL
      AND coalesce(data ->> 'fulfillment_status', 'unfulfilled') IN ('unfulfilled', 'partial');

-- A long run that works in slices: where it stands and what it did. Cursor and counts move together.
CREATE TABLE store.runs (
    id          uuid PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES store.accounts,
    shop_id     bigint NOT NULL REFERENCES store.shops,
    type        text NOT NULL,
    cursor      jsonb,
    step        bigint NOT NULL DEFAULT 0,
    processed   bigint NOT NULL DEFAULT 0,
    failed      bigint NOT NULL DEFAULT 0,
    total       bigint,
    seen        bytea,
    summary     jsonb NOT NULL DEFAULT '{}',
    problem     text,
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON COLUMN store.runs.id IS 'the task that began it';
COMMENT ON COLUMN store.runs.step IS 'grows with every checkpoint: who finds another value than expected has been overtaken';
COMMENT ON COLUMN store.runs.seen IS 'one bit for the position of each product that the run met';
COMMENT ON COLUMN store.runs.problem IS 'why it ended before its end; a retry goes on from the cursor';
CREATE INDEX runs_by_shop ON store.runs (shop_id, id);
CREATE UNIQUE INDEX runs_one_at_a_time ON store.runs (account_id, type) WHERE finished_at IS NULL;

-- A bulk import of a shop: customers, then orders.
CREATE TABLE store.imports (
    id           uuid PRIMARY KEY,
    shop_id      bigint NOT NULL REFERENCES store.shops,
    kinds        text[] NOT NULL CHECK (kinds <@ ARRAY['customers', 'orders'] AND cardinality(kinds) > 0),
    kind         text NOT NULL,
    state        text NOT NULL CHECK (state IN ('requested', 'exporting', 'staging', 'processing', 'syncing', 'finished', 'failed', 'stopped')),
    operation_id text,
    url          text,
    byte_offset  bigint NOT NULL DEFAULT 0,
    size         bigint,
    lines        bigint NOT NULL DEFAULT 0,
    total        bigint,
    position     bigint NOT NULL DEFAULT 0,
    processed    bigint NOT NULL DEFAULT 0,
    failed       bigint NOT NULL DEFAULT 0,
    summary      jsonb NOT NULL DEFAULT '{}',
    problem      text,
    requested_by text NOT NULL,
    task_id      uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    phase_at     timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    CHECK ((finished_at IS NOT NULL) = (state IN ('finished', 'failed', 'stopped')))
);
CREATE UNIQUE INDEX imports_one_at_a_time ON store.imports (shop_id) WHERE finished_at IS NULL;
CREATE INDEX imports_by_shop ON store.imports (shop_id, requested_at);
CREATE INDEX imports_by_end ON store.imports (finished_at);
COMMENT ON COLUMN store.imports.kind IS 'the kind under way; the results of those before are in summary';
COMMENT ON COLUMN store.imports.position IS 'the last line whose object was worked on';
COMMENT ON COLUMN store.imports.phase_at IS 'when the state was entered: what the rate is counted from';
CREATE INDEX imports_by_operation ON store.imports (operation_id) WHERE operation_id IS NOT NULL;

-- The lines of the export under way: children may stand anywhere, so all lines are laid down before any is used.
CREATE TABLE store.import_lines (
    import_id uuid NOT NULL REFERENCES store.imports ON DELETE CASCADE,
    line      bigint NOT NULL,
    object_id text NOT NULL,
    parent_id text,
    body      bytea NOT NULL,
    PRIMARY KEY (import_id, line)
);
CREATE INDEX import_lines_by_parent ON store.import_lines (import_id, parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE store.import_failures (
    import_id uuid NOT NULL REFERENCES store.imports ON DELETE CASCADE,
    kind      text NOT NULL,
    line      bigint NOT NULL,
    object_id text,
    reason    text NOT NULL,
    PRIMARY KEY (import_id, kind, line)
);

-- What an import changed and the CRM has not been told yet: handed over in small batches.
CREATE TABLE store.import_changes (
    import_id    uuid NOT NULL REFERENCES store.imports ON DELETE CASCADE,
    position     bigint GENERATED ALWAYS AS IDENTITY,
    kind         text NOT NULL,
    source_id    text NOT NULL,
    order_number text,
    PRIMARY KEY (import_id, position)
);

-- What runs by the clock for a shop or one of its accounts. A tick makes the same task id on every replica.
CREATE TABLE store.schedules (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id    bigint NOT NULL REFERENCES store.shops,
    account_id bigint REFERENCES store.accounts,
    type       text NOT NULL,
    interval_s integer NOT NULL CHECK (interval_s >= 10),
    is_active  boolean NOT NULL DEFAULT true,
    next_at    timestamptz NOT NULL DEFAULT now(),
    cursor     jsonb,
    last_at    timestamptz,
    UNIQUE NULLS NOT DISTINCT (shop_id, account_id, type)
);
CREATE INDEX schedules_due ON store.schedules (next_at) WHERE is_active;

-- What webhooks should have told us and a poll had to find.
CREATE TABLE store.missed_webhooks (
    shop_id bigint NOT NULL REFERENCES store.shops,
    kind    text NOT NULL,
    day     date NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (shop_id, kind, day)
);

-- The budget of requests an account has at the other side, shared by all replicas.
CREATE TABLE store.budgets (
    account_id bigint NOT NULL REFERENCES store.accounts,
    operation  text NOT NULL,
    available  double precision NOT NULL,
    capacity   double precision NOT NULL,
    per_second double precision NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, operation)
);

-- That personal data was removed or handed out, without the data.
CREATE TABLE admin.privacy_requests (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id      bigint,
    shop_domain  text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('data_request', 'customer_redact', 'shop_redact')),
    subject_hash bytea,
    task_id      uuid NOT NULL UNIQUE,
    summary      jsonb NOT NULL DEFAULT '{}',
    subject      bytea,
    cursor       jsonb,
    export       bytea,
    requested_at timestamptz NOT NULL DEFAULT now(),
    due_at       timestamptz NOT NULL,
    done_at      timestamptz
);
COMMENT ON COLUMN admin.privacy_requests.subject IS 'whom it is about, sealed; removed when it is done';
COMMENT ON COLUMN admin.privacy_requests.cursor IS 'how far the stored payloads have been looked through';
COMMENT ON COLUMN admin.privacy_requests.export IS 'what a data request found, encrypted with the shop''s key; removed after 30 days';

-- ---------------------------------------------------------------------------------------------- shipments

-- Orders of marketplaces. Those of the shop itself are in store.orders.
CREATE TABLE store.marketplace_orders (
    account_id    bigint NOT NULL REFERENCES store.accounts,
    source_id     text NOT NULL,
    shop_id       bigint NOT NULL REFERENCES store.shops,
    order_number  text NOT NULL,
    status        text NOT NULL,
    is_shippable  boolean NOT NULL,
    marketplace   text,
    items         jsonb NOT NULL,
    ordered_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    indexed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, source_id)
);
CREATE INDEX marketplace_orders_by_shop ON store.marketplace_orders (shop_id, source_id);
CREATE INDEX marketplace_orders_by_number ON store.marketplace_orders (shop_id, order_number);
COMMENT ON TABLE store.marketplace_orders IS 'newest known state, without anything of the buyer';
COMMENT ON COLUMN store.marketplace_orders.is_shippable IS 'the merchant ships it: not cancelled, not fulfilled by the marketplace';
COMMENT ON COLUMN store.marketplace_orders.marketplace IS 'the marketplace''s id where an account has several (Amazon)';
COMMENT ON COLUMN store.marketplace_orders.items IS '[{"id", "sku", "title", "quantity", "product_id"}]: product_id is the marketplace''s item number';

-- What a marketplace, or the shop itself, lists.
CREATE TABLE store.listings (
    account_id   bigint NOT NULL REFERENCES store.accounts,
    source_id    text NOT NULL,
    shop_id      bigint NOT NULL REFERENCES store.shops,
    sku          text,
    title        text,
    weight_grams double precision,
    image_url    text,
    content_hash bytea NOT NULL,
    data         jsonb NOT NULL DEFAULT '{}',
    changed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, source_id)
);
CREATE INDEX listings_by_sku ON store.listings (shop_id, sku);

-- One package of a shipment: what its order's shop or marketplace is to be told, and what it was told.
CREATE TABLE store.shipments (
    id               uuid PRIMARY KEY,
    shop_id          bigint NOT NULL REFERENCES store.shops,
    account_id       bigint NOT NULL REFERENCES store.accounts,
    order_id         text NOT NULL,
    order_number     text,
    shipment_id      text NOT NULL,
    package_id       text NOT NULL,
    package_number   integer NOT NULL CHECK (package_number > 0),
    label            text,
    carrier          text NOT NULL,
    service          text,
    tracking_numbers text[] NOT NULL,
    tracking_url     text,
    shipped_at       timestamptz NOT NULL,
    items            jsonb NOT NULL,
    quantity         integer NOT NULL CHECK (quantity > 0),
    is_void          boolean NOT NULL DEFAULT false,
    version          integer NOT NULL DEFAULT 1,
    told_version     integer NOT NULL DEFAULT 0 CHECK (told_version <= version),
    tried_version    integer NOT NULL DEFAULT 0 CHECK (tried_version <= version),
    tried_numbers    text[] NOT NULL DEFAULT '{}',
    target_id        text,
    told             jsonb,
    state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'synced', 'failed', 'voided')),
    task_id          uuid NOT NULL,
    task_ids         uuid[] NOT NULL DEFAULT '{}',
    error_count      integer NOT NULL DEFAULT 0,
    error_kind       text,
    error_message    text,
    note             text,
    last_attempt_at  timestamptz,
    synced_at        timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    stated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (shop_id, shipment_id, account_id, order_id, package_id),
    UNIQUE (account_id, order_id, package_number)
);
COMMENT ON COLUMN store.shipments.order_id IS 'the order''s id where it is to be told: store.orders or store.marketplace_orders';
COMMENT ON COLUMN store.shipments.package_number IS 'counted from 1 for each order of an account: Amazon''s packageReferenceId';
COMMENT ON COLUMN store.shipments.items IS '[{"id", "sku", "quantity"}]: id is the order line''s';
COMMENT ON COLUMN store.shipments.version IS 'grows with every change the sender makes; state is pending until told_version has caught up';
COMMENT ON COLUMN store.shipments.stated_at IS 'when the newest message about it was received: an older one changes nothing';
COMMENT ON COLUMN store.shipments.tried_version IS 'above told_version: an attempt began and did not end well, so the target is read before it is told again';
COMMENT ON COLUMN store.shipments.tried_numbers IS 'tracking numbers of attempts nobody knows the end of';
COMMENT ON COLUMN store.shipments.target_id IS 'what the target calls it: a fulfilment''s id, a tracking number';
COMMENT ON COLUMN store.shipments.told IS 'carrier, tracking numbers and address as the target last took them';
COMMENT ON COLUMN store.shipments.task_id IS 'the write-back that last worked on it, or is to';
COMMENT ON COLUMN store.shipments.task_ids IS 'the newest write-backs that worked on it, the last one last: kept by a trigger';
COMMENT ON COLUMN store.shipments.error_count IS 'attempts of that write-back that did not succeed';
-- One for each order a list can have: whatever its filters, it takes its page from the ends of such ranges.
CREATE INDEX shipments_by_account ON store.shipments (account_id, state, id);
CREATE INDEX shipments_by_created ON store.shipments (account_id, state, created_at, id);
CREATE INDEX shipments_by_number ON store.shipments (account_id, state, coalesce(order_number, ''), id);
CREATE INDEX shipments_by_carrier ON store.shipments (account_id, state, carrier, id);
CREATE INDEX shipments_by_quantity ON store.shipments (account_id, state, quantity, id);
CREATE INDEX shipments_by_attempt ON store.shipments (account_id, state, coalesce(last_attempt_at, 'epoch'::timestamptz), id);
CREATE INDEX shipments_by_errors ON store.shipments (account_id, state, error_count, id);
CREATE INDEX shipments_by_synced ON store.shipments (account_id, state, coalesce(synced_at, 'epoch'::timestamptz), id);
CREATE INDEX shipments_by_tracking ON store.shipments USING gin (tracking_numbers);

CREATE FUNCTION store.note_write_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.task_id <> ALL (NEW.task_ids) THEN
        NEW.task_ids := (NEW.task_ids || NEW.task_id)[greatest(1, cardinality(NEW.task_ids) - 48):];
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER shipments_know_their_tasks BEFORE INSERT OR UPDATE OF task_id ON store.shipments
    FOR EACH ROW EXECUTE FUNCTION store.note_write_back();

-- How each order with shipments stands: kept by a trigger, so that no list counts.
CREATE TABLE store.shipped_orders (
    account_id   bigint NOT NULL REFERENCES store.accounts,
    order_id     text NOT NULL,
    shop_id      bigint NOT NULL REFERENCES store.shops,
    order_number text,
    ordered      integer,
    pending      integer NOT NULL DEFAULT 0,
    synced       integer NOT NULL DEFAULT 0,
    failed       integer NOT NULL DEFAULT 0,
    voided       integer NOT NULL DEFAULT 0,
    units_synced integer NOT NULL DEFAULT 0,
    state        text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN failed > 0 THEN 'failed' WHEN pending > 0 THEN 'pending' WHEN synced > 0 THEN 'synced' ELSE 'voided' END
    ) STORED,
    first_at     timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, order_id)
);
COMMENT ON COLUMN store.shipped_orders.ordered IS 'units the order asks for; NULL: not known';
COMMENT ON COLUMN store.shipped_orders.units_synced IS 'units in packages the target knows of';
CREATE INDEX shipped_orders_by_shop ON store.shipped_orders (shop_id, first_at, order_id);
CREATE INDEX shipped_orders_by_state ON store.shipped_orders (account_id, state, first_at, order_id);

CREATE FUNCTION store.count_shipment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = NEW.state AND OLD.quantity = NEW.quantity THEN RETURN NULL; END IF;
    INSERT INTO store.shipped_orders (account_id, order_id, shop_id, order_number)
    VALUES (NEW.account_id, NEW.order_id, NEW.shop_id, NEW.order_number) ON CONFLICT DO NOTHING;
    UPDATE store.shipped_orders
    SET pending = pending + (NEW.state = 'pending')::integer,
        synced = synced + (NEW.state = 'synced')::integer,
        failed = failed + (NEW.state = 'failed')::integer,
        voided = voided + (NEW.state = 'voided')::integer,
        units_synced = units_synced + CASE WHEN NEW.state = 'synced' THEN NEW.quantity ELSE 0 END,
        order_number = coalesce(NEW.order_number, order_number),
        updated_at = clock_timestamp()
    WHERE account_id = NEW.account_id AND order_id = NEW.order_id;
    IF TG_OP = 'UPDATE' THEN
        UPDATE store.shipped_orders
        SET pending = pending - (OLD.state = 'pending')::integer,
            synced = synced - (OLD.state = 'synced')::integer,
            failed = failed - (OLD.state = 'failed')::integer,
            voided = voided - (OLD.state = 'voided')::integer,
            units_synced = units_synced - CASE WHEN OLD.state = 'synced' THEN OLD.quantity ELSE 0 END
        WHERE account_id = OLD.account_id AND order_id = OLD.order_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER shipments_are_counted AFTER INSERT OR UPDATE ON store.shipments
    FOR EACH ROW EXECUTE FUNCTION store.count_shipment();

-- ---------------------------------------------------------------------------------------------- connections

-- Requests to other systems, by account, what was asked for, and minute; counted with the transitions they came with.
CREATE TABLE ledger.api_calls (
    account_id   bigint NOT NULL,
    category     text NOT NULL,
    minute       timestamptz NOT NULL,
    calls        integer NOT NULL,
    ok           integer NOT NULL,
    rejected     integer NOT NULL,
    refused      integer NOT NULL,
    rate_limited integer NOT NULL,
    failed       integer NOT NULL,
    no_answer    integer NOT NULL,
    total_ms     double precision NOT NULL,
    latency      integer[] NOT NULL,
    PRIMARY KEY (account_id, category, minute)
);
CREATE INDEX api_calls_by_minute ON ledger.api_calls (minute);
COMMENT ON COLUMN ledger.api_calls.rejected IS '4xx but for 401, 403 and 429: the data, not the connection';
COMMENT ON COLUMN ledger.api_calls.refused IS '401 and 403: the credentials';
COMMENT ON COLUMN ledger.api_calls.latency IS 'calls by duration, up to 50, 100, 250, 500, 1000, 2500, 5000, 10000 ms and longer';

-- The last call, and the last that went wrong, of each connection.
CREATE TABLE ledger.api_last_calls (
    account_id    bigint NOT NULL,
    category      text NOT NULL,
    called_at     timestamptz NOT NULL,
    error_at      timestamptz,
    error_message text,
    error_task_id uuid,
    PRIMARY KEY (account_id, category)
);

-- Accounts that are, or were, left alone because their connection was unavailable.
CREATE TABLE store.breakers (
    account_id bigint PRIMARY KEY REFERENCES store.accounts,
    category   text NOT NULL,
    opened_at  timestamptz NOT NULL,
    open_until timestamptz NOT NULL,
    times      integer NOT NULL CHECK (times >= 0),
    reason     text NOT NULL,
    CHECK (open_until >= opened_at)
);
COMMENT ON COLUMN store.breakers.open_until IS 'then its tasks run again, and only what they find counts';
COMMENT ON COLUMN store.breakers.times IS 'in a row, each longer than the one before; 0: it answers again';

-- ---------------------------------------------------------------------------------------------- alerts

-- Failures that are of one kind: counted with the transitions that failed.
CREATE TABLE ledger.failure_groups (
    shop_id     bigint NOT NULL,
    fingerprint text NOT NULL,
    type        text NOT NULL,
    error_kind  text NOT NULL,
    place       text NOT NULL,
    message     text NOT NULL,
    remedy      text NOT NULL,
    n           bigint NOT NULL,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    example_id  uuid NOT NULL,
    resolved_at timestamptz,
    resolved_by text,
    back_at     timestamptz,
    PRIMARY KEY (shop_id, fingerprint)
);
CREATE INDEX failure_groups_by_last ON ledger.failure_groups (shop_id, last_at);
CREATE INDEX failure_groups_by_fingerprint ON ledger.failure_groups (fingerprint);
COMMENT ON COLUMN ledger.failure_groups.message IS 'of the newest failure, as are place, remedy and example_id';
COMMENT ON COLUMN ledger.failure_groups.resolved_at IS 'a person said it is mended; what fails later is back';
COMMENT ON COLUMN ledger.failure_groups.back_at IS 'the first failure after it was resolved';

CREATE TABLE ledger.failures_by_hour (
    shop_id     bigint NOT NULL,
    fingerprint text NOT NULL,
    bucket      timestamptz NOT NULL,
    account_id  bigint NOT NULL,
    n           bigint NOT NULL,
    PRIMARY KEY (shop_id, fingerprint, bucket, account_id)
);
COMMENT ON COLUMN ledger.failures_by_hour.account_id IS '0: none';

-- Where a rebuild counts failures anew.
CREATE UNLOGGED TABLE ledger.recount_failure_groups (LIKE ledger.failure_groups INCLUDING ALL);
CREATE UNLOGGED TABLE ledger.recount_failures_by_hour (LIKE ledger.failures_by_hour INCLUDING ALL);

-- When orders were last synced, and how far they usually lie apart.
CREATE INDEX task_counts_by_minute_orders ON ledger.task_counts_by_minute (shop_id, bucket)
    WHERE state = 'succeeded' AND type IN ('SyncOrder', 'SyncOrderNotification', 'IndexOrder');
CREATE INDEX task_counts_by_hour_orders ON ledger.task_counts_by_hour (shop_id, bucket)
    WHERE state = 'succeeded' AND type IN ('SyncOrder', 'SyncOrderNotification', 'IndexOrder');

-- What a shop wants to be told, and how. No row: the defaults.
CREATE TABLE alerts.settings (
    shop_id    bigint PRIMARY KEY REFERENCES store.shops,
    settings   jsonb NOT NULL,
    channels   bytea,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL
);
COMMENT ON COLUMN alerts.settings.channels IS 'addresses and secrets of channels other than mail, encrypted with the master keys';

-- What is, or was, not as it should be: one open row for each subject of a rule.
CREATE TABLE alerts.alerts (
    id                uuid PRIMARY KEY,
    shop_id           bigint REFERENCES store.shops,
    rule              text NOT NULL,
    subject           text NOT NULL,
    state             text NOT NULL CHECK (state IN ('pending', 'firing', 'resolved')),
    severity          text NOT NULL CHECK (severity IN ('warning', 'critical')),
    title             text NOT NULL,
    explanation       text NOT NULL,
    facts             jsonb NOT NULL,
    began_at          timestamptz NOT NULL,
    fired_at          timestamptz,
    clear_since       timestamptz,
    resolved_at       timestamptz,
    seen_at           timestamptz NOT NULL,
    changed_at        timestamptz[] NOT NULL DEFAULT '{}',
    told              text CHECK (told IN ('firing', 'resolved')),
    told_at           timestamptz,
    acknowledged_at   timestamptz,
    acknowledged_by   text,
    acknowledged_note text
);
CREATE UNIQUE INDEX alerts_one_open ON alerts.alerts (coalesce(shop_id, 0), rule, subject) WHERE state <> 'resolved';
CREATE INDEX alerts_by_shop ON alerts.alerts (shop_id, id);
CREATE INDEX alerts_by_state ON alerts.alerts (state, id);
CREATE INDEX alerts_by_resolution ON alerts.alerts (resolved_at) WHERE state = 'resolved';
COMMENT ON COLUMN alerts.alerts.id IS 'time-ordered';
COMMENT ON COLUMN alerts.alerts.shop_id IS 'NULL: the platform''s own, for those who operate it';
COMMENT ON COLUMN alerts.alerts.subject IS 'what of the rule: a group of tasks, "<account>:<part>", a queue, a fingerprint; empty: all';
COMMENT ON COLUMN alerts.alerts.facts IS 'the newest verdict''s numbers, examples, remedy and link';
COMMENT ON COLUMN alerts.alerts.clear_since IS 'while firing: since when the rule has not been met any more';
COMMENT ON COLUMN alerts.alerts.changed_at IS 'when it lately began to fire or was resolved, the last one last: tells what flaps';
COMMENT ON COLUMN alerts.alerts.told IS 'what people were last told of it';

-- Everything that became of an alert, and who did it. Goes over the broker as well.
CREATE TABLE alerts.history (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id     uuid NOT NULL REFERENCES alerts.alerts ON DELETE CASCADE,
    event        text NOT NULL,
    at           timestamptz NOT NULL,
    actor        text NOT NULL,
    detail       jsonb NOT NULL DEFAULT '{}',
    published_at timestamptz
);
CREATE INDEX history_by_alert ON alerts.history (alert_id, id);
CREATE INDEX history_unpublished ON alerts.history (id) WHERE published_at IS NULL;

-- Nobody wants to hear of it until then, in this alert or the next of the same kind.
CREATE TABLE alerts.mutes (
    shop_id  bigint REFERENCES store.shops,
    rule     text NOT NULL,
    subject  text NOT NULL,
    until    timestamptz NOT NULL,
    muted_by text NOT NULL,
    note     text,
    muted_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (shop_id, rule, subject)
);

-- One message to one recipient. Its id is the id of the task that sends it.
CREATE TABLE alerts.notifications (
    id           uuid PRIMARY KEY,
    shop_id      bigint REFERENCES store.shops,
    kind         text NOT NULL CHECK (kind IN ('news', 'reminder', 'test')),
    channel      text NOT NULL,
    recipient    text NOT NULL,
    alerts       jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    sent_at      timestamptz,
    note         text
);
CREATE INDEX notifications_unpublished ON alerts.notifications (created_at) WHERE published_at IS NULL;
CREATE INDEX notifications_by_shop ON alerts.notifications (shop_id, created_at);
COMMENT ON COLUMN alerts.notifications.channel IS 'mail, webhook, slack or apprise';
COMMENT ON COLUMN alerts.notifications.recipient IS 'a mail address, or the name of the shop''s channel';
COMMENT ON COLUMN alerts.notifications.alerts IS '[{"id", "event": "firing" | "resolved" | "reminder"}]: what it tells of; words and numbers are taken when it is sent';
COMMENT ON COLUMN alerts.notifications.published_at IS 'when its task was queued; NULL: still to be';

-- What the shop said when it was asked about a silence.
CREATE TABLE alerts.proofs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shop_id      bigint NOT NULL REFERENCES store.shops,
    since        timestamptz NOT NULL,
    asked_at     timestamptz NOT NULL,
    verdict      text NOT NULL CHECK (verdict IN ('quiet', 'missed', 'subscription-gone', 'unproven')),
    words        text NOT NULL,
    numbers      jsonb NOT NULL DEFAULT '{}',
    task_ids     uuid[] NOT NULL DEFAULT '{}',
    order_ids    text[] NOT NULL DEFAULT '{}',
    published_at timestamptz
);
CREATE INDEX proofs_by_shop ON alerts.proofs (shop_id, asked_at);
CREATE INDEX proofs_by_time ON alerts.proofs (asked_at);
CREATE INDEX proofs_unpublished ON alerts.proofs (id) WHERE published_at IS NULL;
COMMENT ON COLUMN alerts.proofs.since IS 'the last order that was synced before: what the silence began with';
COMMENT ON COLUMN alerts.proofs.asked_at IS 'the last time, as long as the answer stays the same';
COMMENT ON COLUMN alerts.proofs.task_ids IS 'tasks that fetch what was missed or subscribe again';
COMMENT ON COLUMN alerts.proofs.order_ids IS 'the missed orders, as the shop calls them';
COMMENT ON COLUMN alerts.proofs.published_at IS 'when its tasks were queued; NULL: still to be';

-- The queues as they were last seen from outside.
CREATE TABLE alerts.queues (
    queue       text PRIMARY KEY,
    messages    bigint NOT NULL,
    consumers   integer NOT NULL,
    grew_at     timestamptz,
    measured_at timestamptz NOT NULL
);
COMMENT ON COLUMN alerts.queues.consumers IS '-1: there is no such queue';
COMMENT ON COLUMN alerts.queues.grew_at IS 'when it was last seen with more messages than before';

-- That evaluation goes on: one row.
CREATE TABLE alerts.heartbeat (
    is_only      boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    instance     text NOT NULL,
    evaluated_at timestamptz NOT NULL,
    took_ms      double precision NOT NULL
);

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

-- A tracking number, or its beginning, leads to the packages that have it first.
CREATE INDEX shipments_by_first_tracking ON store.shipments (shop_id, left(tracking_numbers[1], 200) COLLATE "C", id);
CREATE INDEX supplier_orders_by_tracking ON store.supplier_orders (shop_id, left(tracking_numbers[1], 200) COLLATE "C", order_id);
CREATE INDEX fulfilments_by_tracking ON store.fulfilments (shop_id, left(data ->> 'tracking_number', 200) COLLATE "C", source_id);

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
