"""Clients of what people are told through."""
