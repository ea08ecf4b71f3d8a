"""What programs ask for beside rows: a cursor, some fields, details of companies, facets."""
