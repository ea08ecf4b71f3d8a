"""Supplier checks of readers and quote checks of the program: no history, not in the register."""
