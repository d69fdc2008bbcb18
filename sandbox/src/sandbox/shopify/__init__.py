"""A believable Shopify shop: customers and orders that change, and the webhooks each change sends."""
