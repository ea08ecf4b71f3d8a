"""Companies with everything that their records show."""
