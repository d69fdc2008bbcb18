"""What happens, as it happens: one reader of the log for everybody who listens."""
