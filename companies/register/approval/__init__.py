"""Guarded statuses: what needs a second person, what waits for one, and whom to notify."""
