"""Reads what happened in the world, by its date there and not by that of its recording."""
