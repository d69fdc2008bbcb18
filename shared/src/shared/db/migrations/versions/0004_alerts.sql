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
