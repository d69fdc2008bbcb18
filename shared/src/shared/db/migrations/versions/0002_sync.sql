ALTER TABLE store.shops ADD COLUMN currency text;
ALTER TABLE store.shops ADD COLUMN uninstalled_at timestamptz;
ALTER TABLE store.shops ADD COLUMN installed_at timestamptz NOT NULL DEFAULT now();
UPDATE store.shops SET installed_at = created_at;
ALTER TABLE store.shops ADD COLUMN told_at timestamptz;
COMMENT ON COLUMN store.shops.told_at IS 'when the shop last told of itself: what is older is left alone';

ALTER TABLE store.customers ADD COLUMN email_consent jsonb;
ALTER TABLE store.customers ADD COLUMN sms_consent jsonb;
ALTER TABLE store.customers ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
ALTER TABLE store.customers ADD COLUMN crm_preferences jsonb;
ALTER TABLE store.customers ADD COLUMN tag_changes jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN store.customers.email_consent IS 'newest state the shop told: {state, opt_in_level, consent_updated_at}';
COMMENT ON COLUMN store.customers.tag_changes IS 'when each tag was last told to come or go: an older delta changes nothing';
COMMENT ON COLUMN store.customers.crm_preferences IS 'acceptsEmail and acceptsSms as the CRM last had them, {value, changed_at}: an equal change is our own echo; changed_at: changed there, not by us';
CREATE INDEX customers_by_contact ON store.customers (shop_id, contact_id) WHERE contact_id IS NOT NULL;

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
