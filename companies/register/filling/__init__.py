"""The fast load of a whole data package into an empty register."""
