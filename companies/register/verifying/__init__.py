"""Verification of cited pages: fetch them and search for quotes, without changing facts."""
