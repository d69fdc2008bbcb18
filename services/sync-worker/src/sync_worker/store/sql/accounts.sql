-- name: receipts_on(account_id)^
-- When the shop's purchases are told to the CRM.
SELECT settings->>'receipts_on' AS receipts_on FROM store.accounts WHERE id = :account_id;

-- name: connected_at(account_id)$
-- When an account was added.
SELECT created_at FROM store.accounts WHERE id = :account_id;
