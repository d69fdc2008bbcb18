"""Orders: found, and told from their webhook to their confirmation."""
