"""Imports of what a shop already has: begun, watched, stopped, and what of them failed."""
