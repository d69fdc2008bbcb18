"""Large logs, and how the API does on them."""
