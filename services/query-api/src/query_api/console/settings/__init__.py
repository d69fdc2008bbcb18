"""Shops, tokens, and who did what."""
