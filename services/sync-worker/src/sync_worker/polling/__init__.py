"""Finds by asking what webhooks should have told: how far a poll is, and what counts as missed."""
