"""What alerting keeps: alerts, their history, whom they are told to."""
