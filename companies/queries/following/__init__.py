"""The lists of companies that followers subscribe to."""
