"""Personal data: one table of it, export, erasure, and deletion in time."""
