"""What companies a list of names means: match/, and reconcile/ for tools with its protocol."""
