"""What Prometheus is told of the state of the whole system, read from the database by each replica."""
