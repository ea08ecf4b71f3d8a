"""The parts of the list of companies that are put together of what is kept."""
