"""Render SVG as PNG with the bundled fonts, and wrap text into lines for it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from unicodedata import normalize

# A server may have no fonts.
_FOLDER = Path(__file__).parent / "fonts"
FONTS = [str(path) for path in sorted(_FOLDER.glob("DejaVu*.ttf"))]
SERIF = str(_FOLDER / "source-serif-600.ttf")
# The letters that both the sans and its bold have: Latin, Greek and Cyrillic.
_UNDRAWN = re.compile(
    "[^\\x20-\\x7e\u00a0-\u0148\u014a-\u017f\u0218-\u021b\u0386\u0388-\u038a\u038c\u038e-\u03a1"
    "\u03a3-\u03ce\u0400-\u045f\u0490\u0491\u1e9e\u2009\u2010-\u2015\u2018-\u201e\u2020-\u2022"
    "\u2026\u202f\u20ac\u2122]+"
)
_BREAKS = re.compile(r"[ \t\n]+")  # not at a no-break space
Measure = Callable[[str], float]


def png(svg: str, *, zoom: float = 1) -> bytes:
    import resvg_py  # 1 MB, for the first picture

    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        skip_system_fonts=True,
        font_files=[*FONTS, SERIF],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        serif_family="Source Serif 4",
    )


def drawable(text: str) -> str:
    """Return `text` in letters that the fonts have; other scripts are transliterated to Latin."""
    composed = normalize("NFC", text)
    return _UNDRAWN.sub(_in_latin, composed).strip() if _UNDRAWN.search(composed) else composed


def _in_latin(letters: re.Match[str]) -> str:
    from anyascii import anyascii  # its tables are read for the scripts that occur

    return anyascii(letters[0])


def lines(text: str, measure: Measure, room: float, *, most: int) -> list[str]:
    """Wrap `text` into at most `most` lines no wider than `room`; the rest becomes an ellipsis."""
    found = list(_broken(text, measure, room))
    if len(found) <= most:
        return found
    last = found[most - 1]
    while last and measure(f"{last}…") > room:
        last = last[:-1]
    return [*found[: most - 1], f"{last.rstrip()}…"]


def _broken(text: str, measure: Measure, room: float) -> Iterator[str]:
    line = ""
    for word in _BREAKS.split(text.strip()):
        longer = f"{line} {word}" if line else word
        if measure(longer) <= room:
            line = longer
            continue
        if line:
            yield line
        line = word
        while measure(line) > room:
            end = next(i for i in range(len(line), 0, -1) if i == 1 or measure(line[:i]) <= room)
            yield line[:end]
            line = line[end:]
    if line:
        yield line
