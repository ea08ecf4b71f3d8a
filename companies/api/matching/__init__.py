"""Endpoints that match names: match/, and reconcile/ for tools with its protocol."""
