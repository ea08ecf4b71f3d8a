"""How fast PactWatch answers, beside a plain Django REST Framework view set on the same data."""
