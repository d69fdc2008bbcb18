"""A WooCommerce site: signed webhooks without retries, and the ping that must get exactly 200."""
