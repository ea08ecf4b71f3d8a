"""Rows that are counted by ranges of companies, so that an edit counts only some of them again."""
