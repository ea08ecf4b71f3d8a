"""Rivals on the same data, besides the plain view set."""
