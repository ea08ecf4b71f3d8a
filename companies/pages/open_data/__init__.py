"""The pages and files by which the register is taken away."""
