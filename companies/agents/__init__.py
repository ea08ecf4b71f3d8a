"""The register for agents: what they may ask, each answer with its sources, day and limits."""
