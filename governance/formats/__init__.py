"""What governance writes for others to read without it."""
