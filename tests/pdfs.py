"""Small PDFs: lines of text at places of a page."""

import io
from collections.abc import Iterable

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, StreamObject

Text = tuple[float, float, str] | tuple[float, float, str, float]  # x, y from the top, text, size


def a_pdf(*pages: Iterable[Text], compressed: bool = False, password: str = "") -> bytes:
    """A PDF with one page for each list of texts."""
    writer = PdfWriter()
    for texts in pages:
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): _font()})}
        )
        stream: StreamObject = DecodedStreamObject()
        stream.set_data(b"\n".join(_drawn(*text) for text in texts))
        stream = stream.flate_encode() if compressed else stream
        page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def _font() -> DictionaryObject:
    names = {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}
    names["Encoding"] = "WinAnsiEncoding"
    return DictionaryObject({NameObject(f"/{k}"): NameObject(f"/{v}") for k, v in names.items()})


def _drawn(x: float, y: float, text: str, size: float = 10) -> bytes:
    shown = (
        text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    )
    return f"BT /F1 {size} Tf {x} {842 - y} Td (".encode() + shown + b") Tj ET"


def column(
    names: Iterable[str], *, x: float = 60, top: float = 120, step: float = 14
) -> list[Text]:
    return [(x, top + step * at, name) for at, name in enumerate(names)]


TITLE: list[Text] = [(60, 60, "AI Pact", 20), (60, 90, "Signatories of the pledges", 16)]
