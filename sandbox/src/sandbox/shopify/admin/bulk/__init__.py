"""Bulk operations: a query run beside everything else, its result as a file of JSON lines."""
