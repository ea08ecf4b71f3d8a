"""Parse the tables of a data package: bytes in, rows and faults out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .spreadsheet.csv_file import NotCsv, records


@dataclass(frozen=True)
class PackageFault:
    """What is wrong on one line of one file; `line` counts from 1."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class PackageRow:
    """One row as its file states it, with the line it begins on."""

    line: int
    values: dict[str, str]


def read_table(
    file: str,
    content: bytes,
    columns: Sequence[str],
    *,
    later: Sequence[str] = (),
    gone: Collection[str] = (),
) -> tuple[list[PackageRow], list[PackageFault]]:
    """Parse one CSV file whose header is exactly `columns`, in order.

    `later` are the last of them in the order in which they were added: an older file may lack
    them from one of them on. `gone` are former columns, which are ignored.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [PackageFault(file, line, "is not UTF-8, expected UTF-8 text")]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return [], [PackageFault(file, line, "holds a NUL byte, expected text")]
    headers = [list(columns[: len(columns) - lacking]) for lacking in range(len(later) + 1)]
    return _rows(file, text, headers, gone)


def _rows(
    file: str, text: str, headers: Sequence[Sequence[str]], gone: Collection[str]
) -> tuple[list[PackageRow], list[PackageFault]]:
    """The rows under one of `headers`, the first of which is the current one."""
    lines = records(text)
    expected = ",".join(headers[0])
    rows: list[PackageRow] = []
    faults: list[PackageFault] = []
    try:
        _line, header = next(lines, (1, []))
        if [column for column in header if column not in gone] not in headers:
            what = f"the columns are {','.join(header) or 'missing'!r}, expected {expected!r}"
            return [], [PackageFault(file, 1, what)]
        for line, cells in lines:
            if len(cells) == len(header):
                values = dict(zip(header, cells, strict=True))
                rows.append(PackageRow(line, {k: v for k, v in values.items() if k not in gone}))
            else:
                what = f"{len(cells)} values, expected {len(header)}"
                faults.append(PackageFault(file, line, what))
    except NotCsv as error:
        faults.append(PackageFault(file, error.line, f"is not CSV ({error}), expected RFC 4180"))
    return rows, faults
