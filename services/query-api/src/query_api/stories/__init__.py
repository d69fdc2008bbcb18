"""What belongs together, told as one: a task with all it led to, an order with all that befell it. Pure."""
