"""What people are told by mail, in words."""
