"""Content for other sites: cards in iframes, badges, share images."""
