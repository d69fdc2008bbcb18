"""What this service keeps in Postgres."""
