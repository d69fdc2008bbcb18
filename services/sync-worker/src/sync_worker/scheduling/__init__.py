"""The clock: what runs by itself for each account, how often, and how far it has come."""
