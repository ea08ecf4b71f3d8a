"""What those who follow a list of companies follow."""
