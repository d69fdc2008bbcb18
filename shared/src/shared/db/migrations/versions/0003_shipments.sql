ALTER TABLE store.throttles ADD COLUMN is_hold boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN store.throttles.is_hold IS 'its credentials were refused: the pause ends when they are entered again';

CREATE OR REPLACE FUNCTION store.claim_task(
    p_task uuid, p_attempt integer, p_shop bigint, p_account bigint, p_entity text, p_delivery text,
    p_owner text, p_lease interval, p_max_takeovers integer,
    OUT verdict text, OUT is_resumed boolean, OUT outcome bytea, OUT first_task uuid, OUT not_before timestamptz
) LANGUAGE plpgsql AS $$
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
