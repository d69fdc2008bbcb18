"""What this service keeps in Postgres: the newest state of customers and orders, and effects made."""
