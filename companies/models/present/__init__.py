"""The read table: the present state of every company, for lists."""
