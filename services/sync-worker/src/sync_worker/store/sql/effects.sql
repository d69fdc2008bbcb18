-- name: intend(account_id, effect_key, task_id, intended_at)!
-- Writes down that an effect is about to be made, unless it was before.
INSERT INTO store.effects (account_id, effect_key, task_id, intended_at)
VALUES (:account_id, :effect_key, :task_id, :intended_at) ON CONFLICT DO NOTHING;

-- name: effect(account_id, effect_key)^
-- What is known of an effect.
SELECT task_id, is_done, intended_at FROM store.effects WHERE account_id = :account_id AND effect_key = :effect_key;

-- name: take_over(task_id, intended_at, account_id, effect_key, decided_at)!
-- A person has looked and decided: an effect of unknown outcome from before that decision may be made by this task.
UPDATE store.effects SET task_id = :task_id, intended_at = :intended_at
WHERE account_id = :account_id AND effect_key = :effect_key AND NOT is_done AND intended_at < :decided_at;

-- name: forget(account_id, effect_key, task_id)!
-- The effect certainly did not happen.
DELETE FROM store.effects
WHERE account_id = :account_id AND effect_key = :effect_key AND task_id = :task_id AND NOT is_done;

-- name: finish(account_id, effect_key, task_id)!
-- The effect happened; who did it first stays.
INSERT INTO store.effects (account_id, effect_key, task_id, is_done, done_at)
VALUES (:account_id, :effect_key, :task_id, true, clock_timestamp())
ON CONFLICT (account_id, effect_key) DO UPDATE SET is_done = true, done_at = clock_timestamp()
WHERE NOT store.effects.is_done;
