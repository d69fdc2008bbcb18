"""Shipments as they are kept: what each order's shop or marketplace is to be told, and what it was told."""
