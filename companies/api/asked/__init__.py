"""What programs ask for beside rows."""
