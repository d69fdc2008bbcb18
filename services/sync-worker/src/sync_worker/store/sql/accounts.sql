-- name: receipts_on(account_id)^
-- When the shop's purchases are told to the CRM.
SELECT settings->>'receipts_on' AS receipts_on FROM store.accounts WHERE id = :account_id;
