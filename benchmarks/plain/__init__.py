"""The baseline: what a tutorial of Django REST Framework makes of the same models and data."""
