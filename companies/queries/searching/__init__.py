"""The search by parts of names, in memory."""
