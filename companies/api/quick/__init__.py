"""Answers made in a fraction of the time: of what is kept of each company, without the rest."""
