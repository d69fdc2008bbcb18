"""Whom the command line talks to."""
