"""Which names a spreadsheet may have: what it is called and what it is must agree."""

from pathlib import PurePath

ENDINGS = {".csv": False, ".tsv": False, ".txt": False, ".xlsx": True}  # of a workbook


def fits(name: str, content: bytes) -> bool:
    """Whether a file with this content, or its first bytes, may have this name."""
    return ENDINGS.get(PurePath(name).suffix.lower()) is content.startswith(b"PK")
