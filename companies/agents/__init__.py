"""The register for AI agents: tools whose results carry sources, date and limits."""
