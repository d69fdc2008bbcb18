"""Work over many tasks that a person asked for, gone through in the background."""
