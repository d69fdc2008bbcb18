"""The list of shipments and the page of one."""
