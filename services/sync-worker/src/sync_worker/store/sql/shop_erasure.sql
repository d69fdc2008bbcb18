-- name: new_data_key(data_key, shop_id)!
-- Whatever was sealed with the old key can not be opened any more.
UPDATE store.shops
SET data_key = :data_key, name = domain, email = '', settings = '{}', is_active = false, updated_at = now(),
    uninstalled_at = coalesce(uninstalled_at, now())
WHERE id = :shop_id;

-- name: stop_imports(shop_id)!
-- No import goes on.
UPDATE store.imports SET state = 'stopped', finished_at = now(), url = NULL, updated_at = now()
WHERE shop_id = :shop_id AND finished_at IS NULL;

-- name: empty_accounts(credentials, shop_id)!
-- Accounts keep no credentials and no settings.
UPDATE store.accounts
SET credentials = :credentials, settings = '{}', is_active = false, updated_at = now()
WHERE shop_id = :shop_id;

-- name: deactivate(problem, credentials, shop_id)!
-- Accounts keep no credentials; their problem says why.
UPDATE store.accounts
SET credentials = :credentials, is_active = false, problem = :problem, updated_at = now()
WHERE shop_id = :shop_id;

-- name: uninstall(uninstalled_at, shop_id)!
-- The shop is not connected any more.
UPDATE store.shops SET is_active = false, uninstalled_at = coalesce(:uninstalled_at, now()), updated_at = now()
WHERE id = :shop_id;

-- name: stop_schedules(shop_id)!
-- Nothing runs by the clock for the shop.
UPDATE store.schedules SET is_active = false WHERE shop_id = :shop_id;

-- name: drop_customers(shop_id, at_most)!
-- Some of the shop's customers.
DELETE FROM store.customers WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.customers WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_orders(shop_id, at_most)!
-- Some of the shop's orders.
DELETE FROM store.orders WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.orders WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_refunds(shop_id, at_most)!
-- Some of the shop's refunds.
DELETE FROM store.refunds WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.refunds WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_fulfilments(shop_id, at_most)!
-- Some of the shop's parcels.
DELETE FROM store.fulfilments
WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.fulfilments WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_supplier_orders(shop_id, at_most)!
-- Some of the shop's orders at suppliers.
DELETE FROM store.supplier_orders
WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.supplier_orders WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_receipts(shop_id, at_most)!
-- Some of the shop's receipts.
DELETE FROM store.receipts WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.receipts WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_import_lines(shop_id, at_most)!
-- Some of the shop's staged lines.
DELETE FROM store.import_lines WHERE ctid = ANY(ARRAY(
    SELECT l.ctid FROM store.import_lines l JOIN store.imports i ON i.id = l.import_id
    WHERE i.shop_id = :shop_id LIMIT :at_most));

-- name: drop_imports(shop_id, at_most)!
-- Some of the shop's imports with what they noted.
DELETE FROM store.imports WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.imports WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_shipments(shop_id, at_most)!
-- Some of the shop's packages.
DELETE FROM store.shipments
WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.shipments WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_shipped_orders(shop_id, at_most)!
-- Some of the shop's orders with packages.
DELETE FROM store.shipped_orders
WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.shipped_orders WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_marketplace_orders(shop_id, at_most)!
-- Some of the shop's orders at marketplaces.
DELETE FROM store.marketplace_orders
WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.marketplace_orders WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_listings(shop_id, at_most)!
-- Some of the shop's listings.
DELETE FROM store.listings
WHERE ctid = ANY(ARRAY(SELECT ctid FROM store.listings WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_failure_groups(shop_id, at_most)!
-- Some of the shop's kinds of failure, in the words of their messages.
DELETE FROM ledger.failure_groups
WHERE ctid = ANY(ARRAY(SELECT ctid FROM ledger.failure_groups WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_failures_by_hour(shop_id, at_most)!
-- Some of the shop's failures by hour.
DELETE FROM ledger.failures_by_hour
WHERE ctid = ANY(ARRAY(SELECT ctid FROM ledger.failures_by_hour WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_alert_settings(shop_id, at_most)!
-- Some of the shop's addresses and channels.
DELETE FROM alerts.settings
WHERE ctid = ANY(ARRAY(SELECT ctid FROM alerts.settings WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_alerts(shop_id, at_most)!
-- Some of the shop's alerts with their history.
DELETE FROM alerts.alerts
WHERE ctid = ANY(ARRAY(SELECT ctid FROM alerts.alerts WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_alert_mutes(shop_id, at_most)!
-- Some of the shop's mutes.
DELETE FROM alerts.mutes
WHERE ctid = ANY(ARRAY(SELECT ctid FROM alerts.mutes WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_notifications(shop_id, at_most)!
-- Some of the shop's notifications, which name their recipients.
DELETE FROM alerts.notifications
WHERE ctid = ANY(ARRAY(SELECT ctid FROM alerts.notifications WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_proofs(shop_id, at_most)!
-- Some of the shop's answers about a silence.
DELETE FROM alerts.proofs
WHERE ctid = ANY(ARRAY(SELECT ctid FROM alerts.proofs WHERE shop_id = :shop_id LIMIT :at_most));

-- name: drop_exports(shop_id)!
-- What was handed out of the shop's customers.
UPDATE admin.privacy_requests SET export = NULL WHERE shop_id = :shop_id AND export IS NOT NULL;
