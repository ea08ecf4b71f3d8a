"""The LOGGING configuration. It imports no settings, because settings.py is made of it."""

from typing import Any


def to_stderr(level: int, *, as_json: bool) -> dict[str, Any]:
    """LOGGING that writes one line per event to standard error, for the service manager to keep."""
    line = {
        "class": f"pactwatch.logs.{'JsonLines' if as_json else 'TextLines'}",
        "format": "{asctime} {levelname} {name}: {message}",
        "datefmt": "%Y-%m-%dT%H:%M:%S%z",  # with the UTC offset, because of summer time
        "style": "{",
    }
    stderr = {"class": "logging.StreamHandler", "formatter": "line", "filters": ["public"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "filters": {"public": {"()": "pactwatch.logs.PublicLines"}},
        "handlers": {"stderr": stderr},
        "root": {"handlers": ["stderr"], "level": level},
    }
