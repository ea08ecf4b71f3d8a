"""What templates and code say to a reader: the texts marked for translation, and the others."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from typing import NamedTuple

from babel.messages.extract import extract
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

# Where the arguments of each function of django.utils.translation stand.
ARGUMENTS = {
    f"{name}{suffix}": arguments
    for name, arguments in {
        "gettext": ("singular",),
        "ngettext": ("singular", "plural"),
        "pgettext": ("context", "singular"),
        "npgettext": ("context", "singular", "plural"),
    }.items()
    for suffix in ("", "_lazy")
} | {"gettext_noop": ("singular",)}


class Text(NamedTuple):
    singular: str
    plural: str | None = None
    context: str | None = None


class Call(NamedTuple):
    """One call of a translation function in Python code."""

    line: int
    name: str
    function: str
    arguments: list[ast.expr]

    @property
    def is_literal(self) -> bool:
        return all(
            isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            for argument in self.arguments
        )

    @property
    def text(self) -> Text:
        names = ARGUMENTS[self.function]
        return Text(**dict(zip(names, map(ast.literal_eval, self.arguments), strict=True)))


def calls(source: str) -> Iterator[Call]:
    """Calls of translation functions, by whatever name the module imports them."""
    if not any(function in source for function in ARGUMENTS):
        return
    nodes = [*ast.walk(ast.parse(source))]
    names = {
        alias.asname or alias.name: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in ARGUMENTS
    }
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        function = names.get(name, name.removeprefix("translation."))
        if function in ARGUMENTS:
            yield Call(node.lineno, name, function, node.args[: len(ARGUMENTS[function])])


def texts_of_template(source: str) -> Iterator[Text]:
    marked = "\n".join(line.strip() for line in templatize(source).splitlines())
    for _line, message, _comments, context in extract("python", BytesIO(marked.encode())):
        singular, plural = message if isinstance(message, tuple) else (message, None)
        yield Text(singular, plural, context)


# The same in every language: names, formats, and each language's own name in the switch.
NAMES = re.compile(
    r"\b(PactWatch|JSON Feed|JSON Lines|CSL-JSON|JSON|BibTeX|DCAT-AP|Parquet|SQLite|CSV"
    r"|XLSX|XML|RSS|Atom|PDF|PNG|SVG|API|OpenAPI"
    r"|SHA-256|ISO|LEI|CC BY 4\.0|Creative Commons Attribution 4\.0 International|GitHub"
    r"|[A-Za-z0-9-]+(\.fr)?\.(bib|cff|json|md|txt)|English|Français|EN|FR)\b"
)
# French sets these otherwise than English, so that they too belong inside a translation.
MARKS = ":;!?%“”«»"
READABLE = re.compile(rf"[^\W\d_]|[{MARKS}]")
SPOKEN = {
    "alt", "aria-description", "aria-label", "aria-placeholder", "aria-roledescription",
    "aria-valuetext", "data-label", "label", "placeholder", "title",
}  # fmt: skip
SPOKEN_META = {"description", "og:title", "og:description", "twitter:title", "twitter:description"}
NOT_READ = {"script", "style", "code", "kbd", "samp"}
LITERAL_FILTER = re.compile(r"""\|(?:default|default_if_none|yesno):(?:"([^"]*)"|'([^']*)')""")
LITERAL_ARGUMENT = re.compile(r"""\w=(?:"([^"]*)"|'([^']*)')""")


class Reader(HTMLParser):
    """What a reader sees or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unread += tag in NOT_READ
        attributes = {name: value or "" for name, value in attrs}
        spoken = SPOKEN & attributes.keys()
        if tag == "input" and attributes.get("type") in {"submit", "button", "reset"}:
            spoken |= {"value"} & attributes.keys()
        if (attributes.get("name") or attributes.get("property")) in SPOKEN_META:
            spoken |= {"content"} & attributes.keys()
        self.seen += [attributes[name] for name in spoken]

    def handle_endtag(self, tag: str) -> None:
        self.unread -= tag in NOT_READ

    def handle_data(self, data: str) -> None:
        if self.unread <= 0:
            self.seen.append(data)


def hard_coded(template: str) -> list[str]:
    """The readable text of a template that stands outside its translate tags."""
    page, found, closing = [], [], ""
    for token in Lexer(template).tokenize():
        tag = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if closing:
            closing = "" if token.token_type == TokenType.BLOCK and tag == closing else closing
        elif token.token_type == TokenType.TEXT:
            page.append(token.contents)
        elif token.token_type == TokenType.VAR:
            page += [one or other for one, other in LITERAL_FILTER.findall(token.contents)]
            found += ["|pluralize"] * ("|pluralize" in token.contents)
        elif token.token_type == TokenType.BLOCK:
            page.append(" ")
            if tag in {"blocktranslate", "blocktrans", "comment"}:
                closing = f"end{tag}"
            elif token.contents == "block bodyclass":
                closing = "endblock"
            elif tag not in {"translate", "trans"}:
                literals = LITERAL_ARGUMENT.findall(token.contents)
                found += [one or other for one, other in literals if " " in (one or other).strip()]
    reader = Reader()
    reader.feed("".join(page))
    reader.close()
    seen = [" ".join(text.split()) for text in reader.seen if READABLE.search(NAMES.sub("", text))]
    return found + seen


SPEAKING = {
    "description", "empty_label", "empty_value_display", "help_text", "index_title", "label",
    "short_description", "site_header", "site_title", "title", "verbose_name",
    "verbose_name_plural", "violation_error_message",
}  # fmt: skip
RAISED_AT_READERS = {"Http404", "ValidationError", "PermissionDenied", "forms.ValidationError"}
SHOWN_BY = {f"messages.{level}" for level in ("success", "info", "warning", "error")}


def is_plain(node: ast.expr | None) -> bool:
    """Whether a value is text as it stands, with a letter in it."""
    if isinstance(node, ast.JoinedStr):
        return any(is_plain(part) for part in node.values)
    return isinstance(node, ast.Constant) and bool(re.search(r"[^\W\d_]", str(node.value or "")))


def spoken_plainly(source: str) -> list[str]:
    """Labels and messages in Python code that no translation can reach."""
    spoken: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.keyword(arg=name) if name in SPEAKING:
                spoken.append(node.value)
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)]):
                spoken += [node.value] if name in SPEAKING else []
            case ast.Call() if ast.unparse(node.func) in RAISED_AT_READERS:
                spoken += node.args[:1]
            case ast.Call() if ast.unparse(node.func) in SHOWN_BY:
                spoken += node.args[1:2]
    return [ast.unparse(node) for node in spoken if is_plain(node)]
