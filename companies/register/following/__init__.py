"""What is new for those who follow the register or a part of it."""
