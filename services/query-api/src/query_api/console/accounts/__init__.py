"""The systems shops are connected to."""
