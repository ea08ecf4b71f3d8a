"""Events by their date in the world, not of recording."""
