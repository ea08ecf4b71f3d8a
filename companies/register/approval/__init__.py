"""What one person may not do alone: who agreed, what waits, and whom that concerns."""
