"""Clients of other systems that several services talk to, and what all clients do the same way."""
