"""Statistics over time and in comparison: their buckets, and what is told of each. Pure."""
