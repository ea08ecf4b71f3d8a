"""Pages and files of the open data."""
