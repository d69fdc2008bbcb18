"""One module for each thing people look at or do."""
