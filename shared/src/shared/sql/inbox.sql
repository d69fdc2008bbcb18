-- name: claim(task_ids, attempts, shop_ids, account_ids, entities, delivery_keys, owners, lease_s, max_takeovers)
-- Takes up attempts; one verdict per row, in the order of `place`.
SELECT asked.place, answer.verdict, answer.is_resumed, answer.outcome, answer.first_task, answer.not_before
FROM unnest(:task_ids::uuid[], :attempts::integer[], :shop_ids::bigint[], :account_ids::bigint[],
            :entities::text[], :delivery_keys::text[], :owners::text[])
     WITH ORDINALITY AS asked (task_id, attempt, shop_id, account_id, entity, delivery_key, owner, place)
CROSS JOIN LATERAL store.claim_task(asked.task_id, asked.attempt, asked.shop_id, asked.account_id, asked.entity,
    asked.delivery_key, asked.owner, make_interval(secs => :lease_s), :max_takeovers) AS answer
ORDER BY asked.place;

-- name: pass_through(task_ids, attempts, shop_ids, account_ids, delivery_keys, owners, outcomes)
-- Takes up and ends first attempts at once, and tells whose: those of which nobody knew, whose delivery is no
-- second one and whose account does not pause.
WITH asked AS (
    SELECT *
    FROM unnest(:task_ids::uuid[], :attempts::integer[], :shop_ids::bigint[], :account_ids::bigint[],
                :delivery_keys::text[], :owners::text[], :outcomes::bytea[])
         WITH ORDINALITY AS asked (task_id, attempt, shop_id, account_id, delivery_key, owner, outcome, place)
), delivered AS (
    INSERT INTO store.deliveries (shop_id, delivery_key, task_id)
    SELECT shop_id, delivery_key, task_id FROM asked WHERE delivery_key IS NOT NULL ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING task_id
)
INSERT INTO store.inbox (task_id, attempt, is_running, is_over, owner, outcome)
SELECT task_id, attempt, false, true, owner, outcome
FROM asked
WHERE (delivery_key IS NULL OR task_id IN (SELECT task_id FROM delivered))
  AND NOT EXISTS (
      SELECT FROM store.throttles t WHERE t.account_id = asked.account_id AND t.paused_until > clock_timestamp()
  )
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING owner;

-- name: complete(task_ids, attempts, shop_ids, entities, owners, are_over, outcomes)
-- Ends attempts that their owners still hold and stores what they publish; false where the lease was lost.
SELECT asked.place, store.complete_task(asked.task_id, asked.attempt, asked.shop_id, asked.entity, asked.owner,
    asked.is_over, asked.outcome) AS is_completed
FROM unnest(:task_ids::uuid[], :attempts::integer[], :shop_ids::bigint[], :entities::text[], :owners::text[],
            :are_over::boolean[], :outcomes::bytea[])
     WITH ORDINALITY AS asked (task_id, attempt, shop_id, entity, owner, is_over, outcome, place)
ORDER BY asked.place;

-- name: renew_tasks(lease_s, task_ids, owners)!
-- Prolongs the leases of running attempts, in the order given: it is the one in which claims lock them.
WITH mine AS (
    SELECT i.task_id
    FROM unnest(:task_ids::uuid[], :owners::text[]) WITH ORDINALITY AS asked (task_id, owner, place)
    JOIN store.inbox i ON i.task_id = asked.task_id AND i.owner = asked.owner AND i.is_running
    ORDER BY asked.place
    FOR UPDATE OF i
)
UPDATE store.inbox i SET lease_until = clock_timestamp() + make_interval(secs => :lease_s)
FROM mine WHERE i.task_id = mine.task_id;

-- name: renew_entities(lease_s, shop_ids, entities, task_ids)!
-- Prolongs the entity locks that go with running attempts, in the order in which claims take them.
WITH mine AS (
    SELECT l.shop_id, l.entity
    FROM unnest(:shop_ids::bigint[], :entities::text[], :task_ids::uuid[])
         WITH ORDINALITY AS asked (shop_id, entity, task_id, place)
    JOIN store.entity_locks l ON (l.shop_id, l.entity, l.task_id) = (asked.shop_id, asked.entity, asked.task_id)
    ORDER BY asked.place
    FOR UPDATE OF l
)
UPDATE store.entity_locks l SET lease_until = clock_timestamp() + make_interval(secs => :lease_s)
FROM mine WHERE (l.shop_id, l.entity) = (mine.shop_id, mine.entity);

-- name: expire(task_ids, owners)!
-- Ends the lease of an attempt that was broken off, so that another worker can take it over at once.
UPDATE store.inbox SET lease_until = clock_timestamp()
WHERE (task_id, owner) IN (SELECT * FROM unnest(:task_ids::uuid[], :owners::text[])) AND is_running;

-- name: settle(task_ids, attempts, lowest, highest)!
-- Forgets outcomes that the broker has confirmed. The bounds keep it from looking into every day's partition.
UPDATE store.inbox i SET outcome = NULL
FROM unnest(:task_ids::uuid[], :attempts::integer[]) AS done (task_id, attempt)
WHERE i.task_id = done.task_id AND i.task_id BETWEEN :lowest AND :highest
  AND i.attempt = done.attempt AND NOT i.is_running;

-- name: pause_account(account_id, pause_s, reason, is_hold)!
-- Every replica leaves the account alone until then; an earlier end never shortens a pause.
INSERT INTO store.throttles AS t (account_id, paused_until, reason, is_hold)
VALUES (:account_id, clock_timestamp() + make_interval(secs => :pause_s), :reason, :is_hold)
ON CONFLICT (account_id) DO UPDATE
SET paused_until = excluded.paused_until, reason = excluded.reason, is_hold = excluded.is_hold
WHERE excluded.paused_until > t.paused_until;

-- name: clear_problems(account_ids)!
-- The accounts work again.
UPDATE store.accounts SET problem = NULL, updated_at = now()
WHERE id = ANY(:account_ids::bigint[]) AND problem IS NOT NULL;

-- name: release(account_ids)!
-- What was held for want of credentials may go on.
DELETE FROM store.throttles WHERE account_id = ANY(:account_ids::bigint[]) AND is_hold;

-- name: mark_account(problem, account_id)!
-- Notes why the account's credentials or settings were refused.
UPDATE store.accounts SET problem = :problem, updated_at = now()
WHERE id = :account_id AND problem IS DISTINCT FROM :problem;
