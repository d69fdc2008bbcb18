"""The pages people look at: rendered here, readable without a script, over the same functions as the API."""
