"""Fast responses for the most requested URLs, built from cached JSON of each company."""
