#!/bin/sh
# demo.sh shop|accounts: makes the demo shop, or connects it to the sandbox, through the product's own command line.
# Harmless to repeat.
# What delivers for the shop is made of DEMO_SECRET, which nobody else knows; the rest opens the sandbox only.
set -eu
if [ "${#DEMO_SECRET}" -lt 32 ]; then
  echo "DEMO_SECRET is not set or shorter than 32 characters: the demo needs one of its own, see .env.example" >&2
  exit 2
fi
shop=demo-outdoor.myshopify.com
sandbox=http://sandbox:8090
account() { query-api accounts add --shop "$shop" "$@"; }

if [ "${1:-}" = shop ]; then
  exec query-api shops add --domain "$shop" --name "Demo Outdoor" --email owner@demo-outdoor.example \
    --timezone Europe/Stockholm --webhook-secret "$SANDBOX_WEBHOOK_SECRET"
fi
account --kind engage --name "Engage – demo" --base-url "$sandbox/engage" --api-key "$SANDBOX_ENGAGE_KEY" \
  --webhook-secret "$SANDBOX_ENGAGE_SECRET" --setting store_external_id=ecom
account --kind shopify --name "Shopify – demo" --base-url "$sandbox/shopify/$shop" --access-token "$SANDBOX_SHOPIFY_TOKEN"
for name in Gate4cards Trinavo; do
  supplier=$(echo "$name" | tr GT gt)
  account --kind supplier --name "$name – demo" --base-url "$sandbox/supplier/$supplier" \
    --token sandbox-supplier-token --token2 sandbox-supplier-token-2 --settings-file "/suppliers/$supplier.json"
done
account --kind amazon --name "Amazon – demo" --base-url "$sandbox/amazon" --client-id amzn1.application-oa2-client.sandbox \
  --client-secret sandbox-amazon-secret --refresh-token "Atzr|sandbox-refresh-token" \
  --setting 'marketplace_ids=["A2NODRKZP88ZB9"]' --setting "auth_url=$sandbox/amazon-login/auth/o2/token"
account --kind ebay --name "eBay – demo" --base-url "$sandbox/ebay" --client-id sandbox-ebay-client \
  --client-secret sandbox-ebay-secret --refresh-token "v^1.1#sandbox-ebay-refresh-token" --setting site_id=77
account --kind woocommerce --name "WooCommerce – demo" --webhook-secret "$SANDBOX_WOOCOMMERCE_SECRET"
account --kind standard --name "Till – demo" --webhook-secret "$SANDBOX_STANDARD_SECRET"
account --kind shipper --name "Packing – demo" --webhook-secret "$SANDBOX_SHIPPER_SECRET"
if ! query-api tokens list | grep -q "demo by Compose"; then
  echo "API token, shown this once:"
  query-api tokens create --name "demo by Compose" --role admin
fi
