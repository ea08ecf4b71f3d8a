"""Cited pages are fetched and searched for their quotes; what the register says stays as it is."""
