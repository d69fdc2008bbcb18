"""Stories through the front door; a package, so that the stack they share ends with the last of them."""
