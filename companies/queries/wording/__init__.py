"""Words changes and statuses in the active language, from their facts."""
