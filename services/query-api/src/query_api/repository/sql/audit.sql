-- name: add_deed(actor, token_id, address, action, shop_id, subject, detail)!
-- What somebody did.
INSERT INTO admin.audit_log (actor, token_id, address, action, shop_id, subject, detail)
VALUES (:actor, :token_id, :address, :action, :shop_id, :subject, :detail);
