"""What holds today of every company, as lists read it."""
