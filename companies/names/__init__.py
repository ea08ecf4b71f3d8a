"""Names of companies: letters, spelling and the matcher. Pure: no tables, no settings, no clock."""
