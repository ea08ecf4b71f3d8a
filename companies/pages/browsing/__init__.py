"""The list of companies, assembled from cached parts."""
