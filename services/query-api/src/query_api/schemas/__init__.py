"""The shapes of the API's answers. Identifiers of rows are strings, so that no reader rounds them."""
