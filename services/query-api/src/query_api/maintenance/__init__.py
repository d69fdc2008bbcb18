"""What keeps the log healthy over months: partitions, statistics, retention and the check against itself."""
