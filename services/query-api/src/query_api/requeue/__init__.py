"""Publishes again what the log says is waiting, after the broker has lost it."""
