"""Everything the API and the console read, as functions over named queries."""
