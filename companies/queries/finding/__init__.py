"""What a query finds among the companies of a roster, cached until the register changes."""
