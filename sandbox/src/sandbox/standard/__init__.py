"""A sender that follows Standard Webhooks, with orders and customers in a plain shape of its own."""
