"""What apps may do to the shop; refusals come as user errors."""
