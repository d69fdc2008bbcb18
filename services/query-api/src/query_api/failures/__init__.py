"""Kinds of failure: what is known of each over all shops it touched. Pure."""
