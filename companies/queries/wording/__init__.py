"""Says changes in the reader's language, from the facts they hold."""
