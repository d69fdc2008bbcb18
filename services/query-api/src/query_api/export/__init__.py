"""Lists of tasks as files."""
