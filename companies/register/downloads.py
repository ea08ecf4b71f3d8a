"""What readers take away as a spreadsheet."""

from collections.abc import Iterable, Sequence

from companies.importers.spreadsheet import Value, write


def csv_file(rows: Iterable[Sequence[Value]], *, headers: Sequence[str]) -> bytes:
    """A CSV that a spreadsheet program opens as text: no value can act as a formula."""
    return write(rows, headers=headers, kind="csv")
