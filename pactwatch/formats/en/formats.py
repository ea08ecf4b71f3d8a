"""Dates and times in English as the register's pages write them: 28 November 2026, 23:16."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
