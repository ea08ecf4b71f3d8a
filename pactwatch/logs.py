"""What reaches the log: one line for a refused request, and no secret of an address."""

import logging
import re

# The token of a kept list, which is all that its owner needs to read and delete it.
SECRET = re.compile(r"(/check/kept/)[^/?\s\"']+")


class PublicLines(logging.Filter):
    """Takes secrets out of a record, and the traceback of a request that was only refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        record.msg, record.args = SECRET.sub(r"\1…", message), ()
        if record.name == "django.request" and getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True
