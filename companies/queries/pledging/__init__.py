"""Who took on which commitment."""
