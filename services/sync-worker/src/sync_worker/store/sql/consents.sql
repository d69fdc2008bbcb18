-- name: lock_consents(shop_id, source_id)^
-- What is stored of consent and tags, held until the transaction ends.
SELECT deleted_at, email_consent, sms_consent, crm_preferences, tags, tag_changes FROM store.customers
WHERE shop_id = :shop_id AND source_id = :source_id FOR UPDATE;

-- name: consents(shop_id, source_id)^
-- The newest consents, what the CRM last had, and which contact the customer is.
SELECT deleted_at, email_consent, sms_consent, crm_preferences, contact_id, synced, data FROM store.customers
WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: keep_email_consent(consent, shop_id, source_id)!
-- The shop's newest consent to e-mail.
UPDATE store.customers SET email_consent = :consent::jsonb WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: keep_sms_consent(consent, shop_id, source_id)!
-- The shop's newest consent to text messages.
UPDATE store.customers SET sms_consent = :consent::jsonb WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: keep_tags(tags, tag_changes, shop_id, source_id)!
-- The tags after a change, and when each was last told of.
UPDATE store.customers SET tags = :tags::text[], tag_changes = :tag_changes::jsonb
WHERE shop_id = :shop_id AND source_id = :source_id;

-- name: customers_of_contact(shop_id, contact_id, external_id)
-- The customers that are a contact of the CRM, held until the transaction ends.
SELECT source_id, crm_preferences FROM store.customers
WHERE shop_id = :shop_id AND deleted_at IS NULL AND (contact_id = :contact_id OR source_id = :external_id)
ORDER BY source_id FOR UPDATE;

-- name: keep_preferences(preferences, shop_id, source_id)!
-- What the CRM has now; channels that are not named keep theirs.
UPDATE store.customers SET crm_preferences = coalesce(crm_preferences, '{}') || :preferences::jsonb
WHERE shop_id = :shop_id AND source_id = :source_id AND deleted_at IS NULL;
