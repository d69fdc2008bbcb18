"""What went through over time and in comparison."""
