"""What is kept of people: told in one table, handed out, erased, deleted when it is over."""
