"""Seals with the newest master key what older ones sealed."""
