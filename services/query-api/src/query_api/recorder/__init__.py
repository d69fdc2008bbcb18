"""Writes every transition into the log, moves projection and counters with it, and can fold both anew."""
