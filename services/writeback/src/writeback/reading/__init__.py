"""Orders and products of marketplaces are read: page by page, in slices, from where the last one ended."""
