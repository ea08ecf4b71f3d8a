"""Commands for who runs the site: backups, the drill that proves them, and alerts."""
