"""Find the names on a page that left the list, by words, headings, footnotes and columns."""
