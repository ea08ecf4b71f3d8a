"""What PactWatch is measured beside, on the same data, apart from the plain view set."""
