"""A company with everything that its record shows."""
