-- name: webhook_secrets(after, wanted)
-- Webhook secrets of shops, held until the transaction ends.
SELECT id::text AS key, webhook_secrets AS sealed FROM store.shops
WHERE id::text > :after ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_webhook_secrets(sealed, key)!
-- Keeps them sealed anew.
UPDATE store.shops SET webhook_secrets = :sealed::bytea[] WHERE id::text = :key;

-- name: data_keys(after, wanted)
-- The keys of shops' payloads, held until the transaction ends.
SELECT id::text AS key, ARRAY[data_key] AS sealed FROM store.shops
WHERE id::text > :after ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_data_keys(sealed, key)!
-- Keeps them sealed anew.
UPDATE store.shops SET data_key = (:sealed::bytea[])[1] WHERE id::text = :key;

-- name: credentials(after, wanted)
-- Credentials of accounts, held until the transaction ends.
SELECT id::text AS key, ARRAY[credentials] AS sealed FROM store.accounts
WHERE id::text > :after ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_credentials(sealed, key)!
-- Keeps them sealed anew.
UPDATE store.accounts SET credentials = (:sealed::bytea[])[1] WHERE id::text = :key;

-- name: channels(after, wanted)
-- Channels that alerts are told to, held until the transaction ends.
SELECT shop_id::text AS key, ARRAY[channels] AS sealed FROM alerts.settings
WHERE shop_id::text > :after AND channels IS NOT NULL ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_channels(sealed, key)!
-- Keeps them sealed anew.
UPDATE alerts.settings SET channels = (:sealed::bytea[])[1] WHERE shop_id::text = :key;

-- name: subjects(after, wanted)
-- Whom privacy requests under way are about, held until the transaction ends.
SELECT id::text AS key, ARRAY[subject] AS sealed FROM admin.privacy_requests
WHERE id::text > :after AND subject IS NOT NULL ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_subjects(sealed, key)!
-- Keeps them sealed anew.
UPDATE admin.privacy_requests SET subject = (:sealed::bytea[])[1] WHERE id::text = :key;

-- name: exports(after, wanted)
-- Files of exports, held until the transaction ends.
SELECT operation_id || ' ' || position AS key, ARRAY[content] AS sealed FROM admin.export_parts
WHERE operation_id || ' ' || position > :after ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_exports(sealed, key)!
-- Keeps them sealed anew.
UPDATE admin.export_parts SET content = (:sealed::bytea[])[1] WHERE operation_id || ' ' || position = :key;

-- name: answers(after, wanted)
-- Answers that a repeated request gets, held until the transaction ends.
SELECT token_id || ' ' || key AS key, ARRAY[answer] AS sealed FROM admin.idempotency_keys
WHERE token_id || ' ' || key > :after AND answer IS NOT NULL ORDER BY 1 LIMIT :wanted FOR UPDATE;

-- name: put_answers(sealed, key)!
-- Keeps them sealed anew.
UPDATE admin.idempotency_keys SET answer = (:sealed::bytea[])[1] WHERE token_id || ' ' || key = :key;
