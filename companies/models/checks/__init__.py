"""Checks by readers and by the program: no part of the register, so they have no history."""
