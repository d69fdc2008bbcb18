"""Shipments as shipping software reports them, in the shape of `docs/sources.md`."""
