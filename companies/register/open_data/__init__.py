"""Open data: the register as files, releases and signatures."""
