"""Check that the extension of a spreadsheet fits its content."""

from pathlib import PurePath

ENDINGS = {".csv": False, ".tsv": False, ".txt": False, ".xlsx": True}  # of a workbook


def fits(name: str, content: bytes) -> bool:
    """Whether the extension of `name` fits the content or its first bytes."""
    return ENDINGS.get(PurePath(name).suffix.lower()) is content.startswith(b"PK")
