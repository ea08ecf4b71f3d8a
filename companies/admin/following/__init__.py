"""Editors’ screens of followers."""
