"""Shops and marketplaces as this service asks and tells them: one client for each."""
