"""Which names on a page are no longer on its list, by words, headings, footnotes and columns."""
