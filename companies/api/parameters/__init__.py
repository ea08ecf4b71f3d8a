"""Query parameters for programs only: cursor, fields, include, facets."""
