"""Counts the steps that a backtracking matcher takes: the same on every machine, unlike seconds."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from re import _parser  # type: ignore[attr-defined]
from typing import Any

LONG, SHORT, MOST = 16, 8, 8_000
GROWTH = 5  # a quadratic pattern takes four times as many steps for twice the text
KILLERS = ("\0", "Z ")  # what no repeat goes on with
CLASSES = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}
EXAMPLES = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a1_"}
REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def explodes(pattern: re.Pattern[Any]) -> str:
    """A text for which the pattern takes more than quadratic time, or ""."""
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    ops = list(_parser.parse(text, pattern.flags & (re.IGNORECASE | re.DOTALL | re.VERBOSE)))
    for before, unit in dict.fromkeys(islice(_pumps(ops, ""), 24)):
        for end in KILLERS:
            few, many = (_steps(ops, before + unit * number + end) for number in (SHORT, LONG))
            if many >= MOST or (many > 400 and many > few * GROWTH):
                return f"{before!r} + {unit!r} * n"
    return ""


# Texts that a pattern may be slow for


def _pumps(ops: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """For each repeat, a text that leads to it and one that it matches."""
    for op, arg in ops:
        for inner in _inside(str(op), arg):
            yield from _pumps(list(inner), before)
        if str(op) in REPEATS and arg[1] > 9:
            yield from ((before, text) for text in _samples(list(arg[2])) if text)
        before += next(_samples([(op, arg)]), "")


def _inside(op: str, arg: Any) -> list[Any]:
    if op == "BRANCH":
        return list(arg[1])
    if op in {*REPEATS, "SUBPATTERN"}:
        return [arg[-1]]
    return [arg] if op == "ATOMIC_GROUP" else [arg[1]] if op.startswith("ASSERT") else []


def _samples(ops: list[Any]) -> Iterator[str]:
    """Texts that match, as short as they can be."""
    if not ops:
        yield ""
        return
    for first in islice(_samples_of(*ops[0]), 4):
        for rest in islice(_samples(ops[1:]), 3):
            yield first + rest


def _samples_of(op: Any, arg: Any) -> Iterator[str]:
    name = str(op)
    if name == "LITERAL":
        yield chr(arg)
    elif name in {"NOT_LITERAL", "ANY"}:
        yield "a"
    elif name == "IN":
        yield from [letter for letter in _letters(arg) if _accepts(name, arg, letter, 0)] or ["a"]
    elif name in REPEATS:
        inner = _samples(list(arg[2]))
        yield from (text * max(arg[0], 1) for text in inner) if arg[0] or arg[1] > 9 else [""]
    elif name in {"BRANCH", "SUBPATTERN", "ATOMIC_GROUP"}:
        for inside in _inside(name, arg):
            yield from _samples(list(inside))
    else:
        yield ""


def _letters(members: list[Any]) -> Iterator[str]:
    for op, arg in members:
        if str(op) == "LITERAL":
            yield chr(arg)
        elif str(op) == "RANGE":
            yield from (chr(arg[0]), chr(arg[1]))
        elif str(op) == "CATEGORY":
            yield from EXAMPLES.get(str(arg), "a")
    yield from "a1 *"


# The matcher


class _TooMany(Exception):
    """More steps than are counted."""


def _steps(ops: list[Any], text: str) -> int:
    """How many steps a match from the beginning of `text` takes; at most MOST."""
    matcher = _Matcher(text)
    try:
        matcher.run(ops, 0, lambda _end: True)
    except (_TooMany, RecursionError):
        return MOST
    return matcher.steps


class _Matcher:
    def __init__(self, text: str) -> None:
        self.text, self.steps = text, 0

    def run(self, ops: list[Any], at: int, then: Callable[[int], bool]) -> bool:
        self.steps += 1
        if self.steps > MOST:
            raise _TooMany
        if not ops:
            return then(at)
        (op, arg), rest = ops[0], ops[1:]
        name = str(op)
        if name in {"BRANCH", "SUBPATTERN"}:
            return any(self.run([*inner, *rest], at, then) for inner in _inside(name, arg))
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            return self._repeat(name, arg, 0, at, lambda end: self.run(rest, end, then))
        if name in {"POSSESSIVE_REPEAT", "ATOMIC_GROUP"}:
            end = self._once(name, arg, at)
            return end is not None and self.run(rest, end, then)
        if name in {"AT", "ASSERT", "ASSERT_NOT", "GROUPREF"}:
            return self._stands(name, arg, at) and self.run(rest, at, then)
        here = at < len(self.text) and _accepts(name, arg, self.text[at], at)
        return here and self.run(rest, at + 1, then)

    def _repeat(
        self, name: str, arg: Any, count: int, at: int, then: Callable[[int], bool]
    ) -> bool:
        least, most, body = arg

        def again() -> bool:
            return count < most and self.run(
                list(body),
                at,
                lambda end: (
                    (end > at or count < least) and self._repeat(name, arg, count + 1, end, then)
                ),
            )

        def leave() -> bool:
            return count >= least and then(at)

        first, second = (again, leave) if name == "MAX_REPEAT" else (leave, again)
        return first() or second()

    def _once(self, name: str, arg: Any, at: int) -> int | None:
        """Where the first match of what is never tried again ends."""
        ends: list[int] = []
        keep = lambda end: not ends.append(end)  # type: ignore[func-returns-value]  # noqa: E731
        if name == "ATOMIC_GROUP":
            found = self.run(list(arg), at, keep)
        else:
            found = self._repeat("MAX_REPEAT", arg, 0, at, keep)
        return ends[0] if found else None

    def _stands(self, name: str, arg: Any, at: int) -> bool:
        if name == "AT":
            return {"AT_END": at == len(self.text), "AT_BEGINNING": at == 0}.get(str(arg), True)
        if name == "GROUPREF":
            return True
        direction, inner = arg
        begin = at if direction > 0 else at - inner.getwidth()[0]
        found = begin >= 0 and self.run(list(inner), begin, lambda _end: True)
        return found == (name == "ASSERT")


def _accepts(name: str, arg: Any, letter: str, _at: int) -> bool:
    if name == "ANY":
        return letter != "\n"
    if name in {"LITERAL", "NOT_LITERAL"}:
        return (letter.casefold() == chr(arg).casefold()) == (name == "LITERAL")
    if name != "IN":
        raise AssertionError(f"{name} is not counted yet")
    negated = str(arg[0][0]) == "NEGATE"
    return any(_is_member(str(op), value, letter) for op, value in arg) != negated


def _is_member(op: str, arg: Any, letter: str) -> bool:
    if op == "LITERAL":
        return letter.casefold() == chr(arg).casefold()
    if op == "RANGE":
        return arg[0] <= ord(letter) <= arg[1] or arg[0] <= ord(letter.lower()) <= arg[1]
    if op == "CATEGORY":
        kind = str(arg)
        found = re.match(CLASSES[kind.replace("_NOT_", "_")], letter) is not None
        return found != ("_NOT_" in kind)
    return False
