"""What is wrong with a spreadsheet, gathered so that an editor is told all of it at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_FAULTS = 100


@dataclass(frozen=True)
class Fault:
    """What is wrong, at a line and in a column (its canonical name) where it has them."""

    line: int | None
    column: str
    reason: str


class BadSpreadsheet(ValueError):
    """A file that cannot be taken in, with all that is wrong with it as far as one can tell."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(fault.reason for fault in faults))
        self.faults = list(faults)


def gettext_noop(reason: str) -> str:
    """Marks a reason for translation; `read` is given what translates it."""
    return reason


class Faults:
    """The faults found so far; `name` is the canonical name of a column."""

    def __init__(self, gettext: Callable[[str], str]) -> None:
        self.gettext = gettext
        self.found: list[Fault] = []
        self.untold = 0

    def add(self, reason: str, line: int | None = None, name: str = "", /, **facts: object) -> None:
        if len(self.found) < MAX_FAULTS:
            self.found.append(Fault(line, name, self.gettext(reason) % facts))
        else:
            self.untold += 1

    def stop(self, reason: str, line: int | None = None, /, **facts: object) -> BadSpreadsheet:
        """The end of reading, with this fault as the last."""
        self.add(reason, line, **facts)
        return BadSpreadsheet(self.told())

    def told(self) -> list[Fault]:
        if not self.untold:
            return self.found
        reason = self.gettext(gettext_noop("There are more faults than these: %(count)s others."))
        return [*self.found, Fault(None, "", reason % {"count": self.untold})]


DAMAGED = gettext_noop("This file is damaged or was not made by a spreadsheet program.")
TOO_LARGE = gettext_noop("This file holds more than can be read at once. Split it into parts.")
ENCRYPTED = gettext_noop("This file is protected by a password. Save it without one first.")
