"""The pages of those who follow the register by webhook."""
