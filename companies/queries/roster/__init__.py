"""The companies as lists choose, count and order them: one bit for each, for each of its values."""
