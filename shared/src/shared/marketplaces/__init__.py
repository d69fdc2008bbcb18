"""What accounts at marketplaces may be told, and what is wrong with unusable ones."""
