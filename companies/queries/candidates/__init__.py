"""Which companies a name means, where country, website or numbers are known beside it."""
