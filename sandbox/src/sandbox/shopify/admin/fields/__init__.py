"""What each field of the schema answers, by type; one module for each part of the schema."""
