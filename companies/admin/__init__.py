"""Editors' screens."""
