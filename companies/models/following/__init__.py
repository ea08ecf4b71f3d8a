"""Who follows the register, and what waits to be told to them."""
