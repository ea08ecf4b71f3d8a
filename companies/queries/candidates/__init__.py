"""Match names together with country, website and identifiers."""
