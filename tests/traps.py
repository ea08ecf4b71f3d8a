"""This project's own traps: what must not be written, found in syntax trees and in templates.

ruff and bandit know the traps of every Python program: eval, pickle, naive dates, asserts. These
are ours. A rule finds places by their names, whatever a module calls them; where one is meant, it
stands in `PLACES` with the reason, and a reason that covers nothing is an error too.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, cached_property
from typing import NamedTuple

from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.template.base import Lexer, Token, TokenType

SHIPPED = ("accounts", "companies", "pactwatch")
MARKS = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
TRANSLATED = re.compile(r"django\.utils\.translation\.(u?n?p?gettext)(_lazy)?")


class Finding(NamedTuple):
    rule: str
    place: str
    line: int
    what: str


BY_TEXT = re.compile(r"getattr|attrgetter|methodcaller|__dict__|\bvars\(")


class Plain(ast.NodeTransformer):
    """Writes an attribute that is named by a text as an attribute: `getattr(row, "save")`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name("getattr"), [of, ast.Constant(str(name)), *_]):
                return _attribute(of, name)
            case ast.Call(ast.Attribute(of, "__getattribute__"), [ast.Constant(str(name))]):
                return _attribute(of, name)
            case ast.Call(ast.Name() | ast.Attribute() as of, [ast.Constant(str(name)), *_]):
                if ast.unparse(of).endswith(("attrgetter", "methodcaller")):
                    return ast.copy_location(ast.Tuple([_attribute(of, name)]), node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Subscript(ast.Call(ast.Name("vars"), [of]), ast.Constant(str(name))):
                return _attribute(of, name)
            case ast.Subscript(ast.Attribute(of, "__dict__"), ast.Constant(str(name))):
                return _attribute(of, name)
        return node


def _attribute(of: ast.expr, name: str) -> ast.expr:
    for part in name.split("."):
        of = ast.copy_location(ast.Attribute(of, part, ast.Load()), of)
    return of


class Module:
    """A module of Python, with what its names stand for and where each node stands."""

    def __init__(self, name: str, source: str, *, is_package: bool = False) -> None:
        self.name, self.source = name, source
        self.package = name if is_package else name.rpartition(".")[0]
        tree = ast.parse(source)
        self.tree = Plain().visit(tree) if BY_TEXT.search(source) else tree
        self.nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.places: dict[ast.AST, str] = {self.tree: name}
        self.at_import: dict[ast.AST, bool] = {self.tree: True}
        self._walk()

    def _walk(self) -> None:
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop()
            self.nodes[type(node)].append(node)
            for child in ast.iter_child_nodes(node):
                if isinstance(child, MARKS):
                    continue
                place, at_import = self.places[node], self.at_import[node]
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    place = f"{place}.{child.name}"
                if isinstance(node, FUNCTIONS):
                    at_import &= child is not node.body and child not in _body(node)
                self.parents[child], self.places[child] = node, place
                self.at_import[child] = at_import
                waiting.append(child)

    def of(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        for kind in kinds:
            yield from self.nodes[kind]

    @cached_property
    def known(self) -> dict[str, str]:
        """What is imported, or is another name for it, with its full name."""
        known = dict(self._imported())
        for node in self.of(ast.Assign, ast.NamedExpr):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and isinstance(node.value, ast.Name | ast.Attribute):
                root, dot, rest = ast.unparse(node.value).partition(".")
                known.setdefault(target.id, known.get(root, root) + dot + rest)
        return known

    def _imported(self) -> Iterator[tuple[str, str]]:
        for node in self.of(ast.Import):
            for one in node.names:
                yield (
                    (one.asname or one.name.split(".")[0]),
                    (one.name if one.asname else one.name.split(".")[0]),
                )
        for node in self.of(ast.ImportFrom):
            for one in node.names:
                yield one.asname or one.name, f"{self.origin(node)}.{one.name}"

    def origin(self, node: ast.ImportFrom) -> str:
        """The module that `node` imports from, by its full name."""
        parents = self.package.split(".")
        kept = parents[: len(parents) - node.level + 1] if node.level else []
        return ".".join([*kept, *([node.module] if node.module else [])])

    def full_name(self, node: ast.AST) -> str:
        """What an expression of names stands for: `m` is django.utils.safestring.mark_safe."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.full_name(node.value)}.{node.attr}"
        return f"({type(node).__name__})"

    @cached_property
    def uses(self) -> dict[str, list[ast.AST]]:
        """Each import and each use of a name, by the full name and by all that it begins with."""
        uses: dict[str, list[ast.AST]] = defaultdict(list)
        for node in self.of(ast.Import):
            for name in (name for one in node.names for name in _beginnings(one.name)):
                uses[name].append(node)
        for node in self.of(ast.ImportFrom):
            for name in {self.origin(node), *(f"{self.origin(node)}.{n.name}" for n in node.names)}:
                uses[name].append(node)
        for node in self.of(ast.Name, ast.Attribute):
            if not isinstance(self.parents[node], ast.Attribute):
                for name in _beginnings(self.full_name(node)):
                    uses[name].append(node)
        return uses

    def named(self, *names: str) -> Iterator[ast.AST]:
        for name in names:
            yield from self.uses.get(name, ())

    def callee(self, node: ast.AST) -> ast.Call | None:
        """The call of which `node` is the function."""
        parent = self.parents.get(node)
        return parent if isinstance(parent, ast.Call) and parent.func is node else None


def _body(node: ast.AST) -> list[ast.stmt]:
    return node.body if isinstance(node.body, list) else []  # type: ignore[attr-defined]  # FUNCTIONS have one


def _beginnings(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


# The rules, each a function that yields the nodes of a module that it objects to

PAST_HISTORY = {
    "bulk_create", "bulk_update", "abulk_create", "abulk_update", "aupdate", "adelete",
    "_raw_delete", "_update", "_insert", "save_base", "skip_history_when_saving",
    "save_without_historical_record", "disconnect",
}  # fmt: skip


def unrecorded_writes(module: Module) -> Iterator[ast.AST]:
    """Writes that leave no history row or no change: each belongs in register/history.py."""
    for node in module.of(ast.Attribute):
        call = module.callee(node)
        updates = node.attr == "update" and (call is None or call.keywords)  # a dict's has none
        deletes = node.attr == "delete" and (call is None or not call.args)  # a cache's has a key
        if node.attr in PAST_HISTORY or updates or deletes:
            yield node
    past = ("django.db.models.sql", "django.db.models.deletion.Collector")
    bulk = ("bulk_create_with_history", "bulk_update_with_history")
    yield from module.named(*past, *(f"simple_history.utils.{name}" for name in bulk))


FORMATS = {"format_html": 1, "format_html_join": 2}
ANSWERS = ("HttpResponse", "StreamingHttpResponse")


def unescaped_markup(module: Module) -> Iterator[ast.AST]:
    """Markup that no escaping is left for: texts called safe, and formats made of other texts."""
    safe = ("utils.safestring", "utils.html.html_safe", "template.Template", "template.Engine")
    yield from module.named(*(f"django.{name}" for name in safe), "markupsafe")
    yield from [n for n in module.of(ast.Attribute) if n.attr in ("__html__", "from_string")]
    yield from [node for node in module.of(ast.FunctionDef) if node.name == "__html__"]
    for call in module.of(ast.Call):
        name = module.full_name(call.func).rpartition(".")[2]
        words = {word.arg for word in call.keywords}
        is_made = name in ANSWERS and "content_type" not in words and _is_made(call.args[:1])
        formats = all(map(_is_text, call.args[: FORMATS.get(name, 0)]))
        if is_made or not formats or words & {"autoescape", "is_safe"}:
            yield call


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def _is_made(texts: list[ast.expr]) -> bool:
    """Whether a text is put together where it stands."""
    calls = [ast.unparse(one.func) for one in texts if isinstance(one, ast.Call)]
    made = [one for one in texts if isinstance(one, ast.JoinedStr | ast.BinOp)]
    return bool(made) or any(name.endswith((".format", ".join")) for name in calls)


def raw_sql(module: Module) -> Iterator[ast.AST]:
    """SQL beside the ORM, unless it is a literal statement."""
    for node in module.of(ast.Attribute):
        call, parent = module.callee(node), module.parents[node]
        literal = call is not None and bool(call.args) and _is_text(call.args[0])
        adds = node.attr == "extra" and not isinstance(parent, ast.Attribute)
        executes = node.attr in ("execute", "executemany") and not literal
        if node.attr in ("raw", "RunSQL", "callproc", "executescript") or adds or executes:
            yield node
    names = ("RawSQL", "expressions.RawSQL", "sql")
    yield from module.named(*(f"django.db.models.{name}" for name in names))


SENT = {"POST", "FILES", "COOKIES", "GET"}
SENT_OF_REQUEST = {"body", "data", "query_params", "read", "readline", "_post", "_files"}
READERS = (
    "Form",
    "FormSet",
    "Filter",
    "Query",
    "Serializer",
    "refuse_parameters",
    "query_string",
    "Clock.read",
)


def read_beside_forms(module: Module) -> Iterator[ast.AST]:
    """What was sent and is read by hand: a form, a filter set or a guard should read it."""
    for node in module.of(ast.Attribute):
        of_request = ast.unparse(node.value).rpartition(".")[2] in ("request", "_request")
        is_sent = node.attr in SENT or (node.attr in SENT_OF_REQUEST and of_request)
        if is_sent and not _is_read_by_a_form(module, node):
            yield node


def _is_read_by_a_form(module: Module, node: ast.AST) -> bool:
    parent = module.parents[node]
    if isinstance(parent, ast.Compare) and parent.left is not node:
        return isinstance(parent.left, ast.Constant)  # which button was pressed
    while isinstance(parent, ast.IfExp) and parent.test is not node:
        node, parent = parent, module.parents[parent]
    if isinstance(parent, ast.keyword) and parent.arg == "data":
        node, parent = parent, module.parents[parent]
    if not isinstance(parent, ast.Call) or node not in (*parent.args, *parent.keywords):
        return False
    return ast.unparse(parent.func).endswith(READERS)


def links_without_a_scheme(module: Module) -> Iterator[ast.AST]:
    """Fields of URLs that take any scheme; WebField and WebUrlField take http and https."""
    names = ("db.models.URLField", "forms.URLField", "db.models.fields.URLField")
    yield from module.named(*(f"django.{name}" for name in names))


WRITING = ("create", "get_or_create", "update_or_create", "update", "acreate", "save_new")


def stored_sentences(module: Module) -> Iterator[ast.AST]:
    """Sentences that the program words and the database would keep in one language."""
    if "translation" not in module.source:
        return
    spoken = _spoken(module)
    for call in module.of(ast.Call):
        name = module.full_name(call.func)
        last = name.rpartition(".")[2]
        is_row = ".models." in name and last in tables()
        if is_row or last in WRITING:
            yield from [word.value for word in call.keywords if _speaks(word.value, spoken)]
    for node in module.of(ast.Assign, ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        columns = [one for one in targets if isinstance(one, ast.Attribute)]
        if any(one.attr in text_columns() for one in columns) and _speaks(node.value, spoken):
            yield node


@cache
def tables() -> set[str]:
    return {model.__name__ for model in apps.get_models()}


@cache
def text_columns() -> set[str]:
    kinds = (CharField, TextField, JSONField)
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    return {f.name for f in fields if isinstance(f, kinds)}


def _spoken(module: Module) -> set[ast.AST]:
    """The calls of translations, and the names that stand for one in the same function."""
    calls = {c for c in module.of(ast.Call) if TRANSLATED.fullmatch(module.full_name(c.func))}
    said = {
        (module.places[node], target.id)
        for node in module.of(ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and _speaks(node.value, calls)
    }
    names = [one for one in module.of(ast.Name) if (module.places[one], one.id) in said]
    return calls | {*names}


def _speaks(value: ast.AST, spoken: set[ast.AST]) -> bool:
    return any(node in spoken for node in ast.walk(value))


def translated_at_import(module: Module) -> Iterator[ast.AST]:
    """Translations made when a module is imported, in whatever language that is."""
    for call in module.of(ast.Call):
        found = TRANSLATED.fullmatch(module.full_name(call.func))
        if found and not found[2] and module.at_import[call]:
            yield call


NETWORK = ("socket", "urllib3", "urllib.request", "http.client", "smtplib", "ftplib", "ssl")
NETWORK += ("requests", "httpx", "aiohttp", "socketserver", "xmlrpc", "telnetlib", "asyncio")


def network(module: Module) -> Iterator[ast.AST]:
    """What speaks to other machines outside the one module that guards addresses and time."""
    yield from module.named(*NETWORK)


WAITING = {
    f"{owner}.{name}"
    for owner, names in {
        "subprocess": "run call check_call check_output",
        "urllib.request": "urlopen",
        "smtplib": "SMTP SMTP_SSL",
        "http.client": "HTTPConnection HTTPSConnection",
        "socket": "create_connection",
        "urllib3": "PoolManager HTTPConnectionPool HTTPSConnectionPool request",
        "requests": "get post put head request",
    }.items()
    for name in names.split()
}


def waiting_without_end(module: Module) -> Iterator[ast.AST]:
    """Calls that wait for others and name no time limit."""
    for call in module.of(ast.Call):
        name = module.full_name(call.func)
        limits = [word.value for word in call.keywords if word.arg in ("timeout", None)]
        limited = any(not (_is_text(one) and one.value is None) for one in limits)
        waits = name.rpartition(".")[2] in ("wait", "communicate", "join", "acquire", "result")
        if not limited and (name in WAITING or ("." in name and waits and not call.args)):
            yield call


def programs(module: Module) -> Iterator[ast.AST]:
    """Other programs: the register starts none."""
    started = ("system", "popen", "fork", "execv", "execvp", "spawnv", "posix_spawn")
    modules = ("subprocess", "multiprocessing", "pty", "runpy", "ctypes")
    yield from module.named(*modules, *(f"os.{name}" for name in started))


FILES = {"read_text", "read_bytes", "write_text", "write_bytes", "unlink", "rmdir", "mkdir"}
FILES |= {"touch", "symlink_to", "hardlink_to", "glob", "rglob", "iterdir", "open"}


def files(module: Module) -> Iterator[ast.AST]:
    """Files that are read or written: each place says which, so that no outside path is one."""
    yield from (node for node in module.of(ast.Attribute) if node.attr in FILES)
    names = ("remove", "unlink", "rename", "replace", "open", "makedirs", "listdir", "walk")
    builtin = ("open", "io.open", "codecs.open", "builtins.open", "shutil", "tempfile", "glob")
    yield from module.named(*builtin, *(f"os.{name}" for name in names))


def guessable(module: Module) -> Iterator[ast.AST]:
    """Random numbers that can be foretold: `secrets` draws what nobody may guess."""
    yield from module.named("random", "uuid.uuid1", "django.utils.crypto.random")


def swallowed_errors(module: Module) -> Iterator[ast.AST]:
    """Every error caught at once, the mistakes in our own code too."""
    every = {"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"}
    for node in module.of(ast.ExceptHandler):
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if node.type is None or any(module.full_name(kind) in every for kind in kinds):
            yield node
    for call in module.of(ast.Call):
        if module.full_name(call.func).endswith("suppress"):
            yield from [one for one in call.args if module.full_name(one) in every]


EXEMPT = {"csrf_exempt", "xframe_options_exempt", "login_not_required", "csp_exempt", "AllowAny"}
EXEMPT |= {"csp_replace", "csp_update", "requires_csrf_token", "xframe_options_sameorigin"}


def exemptions(module: Module) -> Iterator[ast.AST]:
    """Views that are freed from a rule that holds for all."""
    for name in module.uses:
        yield from module.uses[name] if name.rpartition(".")[2] in EXEMPT else []


def imports_by_text(module: Module) -> Iterator[ast.AST]:
    """Modules that are chosen by a text, which no rule of imports can follow."""
    loading = ("importlib", "pkgutil", "__import__", "builtins.__import__", "globals")
    yield from module.named(*loading, "django.utils.module_loading")


def implied_pledges(module: Module) -> Iterator[ast.AST]:
    """Pledges that follow from a signature: one module computes them."""
    yield from [n for n in module.of(ast.Attribute) if n.attr == "IMPLIED_BY_SIGNATURE"]
    yield from [n for n in module.of(ast.Call) if module.full_name(n.func).endswith(".Pledge")]


RULES = (
    unrecorded_writes, unescaped_markup, raw_sql, read_beside_forms, links_without_a_scheme,
    stored_sentences, translated_at_import, network, waiting_without_end, programs, files,
    guessable, swallowed_errors, exemptions, imports_by_text, implied_pledges,
)  # fmt: skip
# Programs for developers read files, start programs and draw the same numbers again.
OF_TOOLS = (waiting_without_end, swallowed_errors)


def trapped(module: Module) -> Iterator[Finding]:
    """What the rules find in a module."""
    for rule in RULES if module.name.startswith(SHIPPED) else OF_TOOLS:
        for node in dict.fromkeys(rule(module)):
            line, what = getattr(node, "lineno", 0), ast.unparse(node).splitlines()[0]
            yield Finding(rule.__name__, module.places[node], line, what)


SILENCED = re.compile(r"#\s*(type: ignore|noqa|nosec|pragma)(?P<rest>.*)")
REASONED = re.compile(r"(\[[a-z, -]+\]|:? ?[A-Z]+\d+(, [A-Z]+\d+)*)  # \w.+")


def unreasoned_silence(source: str) -> Iterator[tuple[int, str]]:
    """Comments that silence a check without its code, or without a reason behind it."""
    for number, line in enumerate(source.splitlines(), start=1):
        silenced = SILENCED.search(line)
        if silenced and not REASONED.fullmatch(silenced["rest"]):
            yield number, line.strip()


# Templates

ADDRESSES = "href|src|action|formaction|xlink:href|poster|srcset|data|cite|ping|background"
ATTRIBUTE = re.compile(r"""\s([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""")
TAG = re.compile(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>""")
RUN = re.compile(r"<(script|style)\b[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
UNSAFE = re.compile(r"\|\s*(safe|safeseq)\b|^autoescape\s+off|^filter\s+safe|^load\b.*\bsafe\b")
SHOWN, ELSE = "\x01", "\x02"


class Shown(NamedTuple):
    """A variable of a template, and the conditions under which it is shown."""

    said: str
    conditions: tuple[str, ...]

    @property
    def is_checked(self) -> bool:
        """Whether `web_link` lets nothing but http and https through."""
        plain = [one for one in self.conditions if " or " not in one and "not " not in one]
        wanted = f"{self.said.partition('|')[0]}|web_link"
        return wanted in self.said or any(wanted in one.split() for one in plain)


class Page:
    """A template, with each variable as a mark that says which it is."""

    def __init__(self, source: str) -> None:
        self.tokens = Lexer(source).tokenize()
        self.shown: list[Shown] = []
        self.own: set[str] = set()
        self.text = "".join(self._marked())

    def _marked(self) -> Iterator[str]:
        conditions: list[str] = []
        for token in self.tokens:
            words = token.contents.split()
            if token.token_type == TokenType.TEXT:
                yield token.contents
            elif token.token_type == TokenType.VAR or words[:1] == ["firstof"]:
                self.shown.append(Shown(words[-1] if words else "", tuple(conditions)))
                yield f"{SHOWN}{len(self.shown) - 1}{SHOWN}"
            elif token.token_type == TokenType.BLOCK:
                yield ELSE if _turns(words, conditions) else ""
                yield "/" if words[0] in ("url", "static", "get_static_prefix") else ""
                if words[0] in ("url", "static") and "as" in words:
                    self.own.add(words[-1])

    def variables(self, text: str) -> list[Shown]:
        return [self.shown[int(number)] for number in text.split(SHOWN)[1::2]]

    def attributes(self) -> Iterator[tuple[str, str]]:
        for tag in TAG.findall(self.text):
            yield from ATTRIBUTE.findall(tag)

    def beginning(self, value: str) -> Iterator[Shown]:
        """The variables with which a value may begin, in each branch of it."""
        for branch in value.split(ELSE):
            if branch.startswith(SHOWN):
                yield self.variables(branch)[0]


def _turns(words: list[str], conditions: list[str]) -> bool:
    """Follow an `if`; whether this is another branch of one."""
    condition = " ".join(words[1:])
    if words[0] == "if":
        conditions.append(condition)
    elif words[0] in ("elif", "else") and conditions:
        conditions[-1] = condition
    elif words[0] == "endif":
        conditions.pop()
    return words[0] in ("elif", "else")


def unsafe_in(template: str) -> Iterator[str]:
    """Variables that no escaping is left for, or that stand where escaping does not help."""
    page = Page(template)
    yield from [token.contents for token in page.tokens if _is_unsafe(token)]
    for _tag, run in RUN.findall(page.text):
        yield from [one.said for one in page.variables(run)]
    for name, value in page.attributes():
        if name.startswith("on") or name == "style" or value[0] not in "\"'":
            yield from [one.said for one in page.variables(value)]


def _is_unsafe(token: Token) -> bool:
    speaks = token.token_type in (TokenType.VAR, TokenType.BLOCK)
    return speaks and bool(UNSAFE.search(token.contents))


def unchecked_links(template: str) -> Iterator[str]:
    """Addresses whose scheme an outside text could choose: javascript: is one."""
    page = Page(template)
    for name, value in page.attributes():
        for one in page.beginning(value.strip("\"'")) if name in ADDRESSES.split("|") else ():
            path = one.said.partition("|")[0]
            is_own = path in page.own or path.endswith((".get_absolute_url", "request.path"))
            if not is_own and not one.is_checked:
                yield one.said
