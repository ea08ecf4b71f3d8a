"""An empty register filled with a whole package, quickly and in little memory."""
