"""Kinds of failure: what goes wrong, how often, and what to do about all of it at once."""
