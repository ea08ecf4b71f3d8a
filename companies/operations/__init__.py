"""Management commands for operators: backups, restore drills, and alerts."""
