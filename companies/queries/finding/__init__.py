"""What a query finds among the companies of a roster, kept until the register changes."""
