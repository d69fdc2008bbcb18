"""A mail server that hands nothing on: what it takes is shown on a page."""
