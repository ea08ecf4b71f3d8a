"""Normalize names of companies, so that two spellings of one name compare equal.

Every name keeps at least one word, so that nothing is lost of names such as "SAS" and "SE".
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from .legal_forms import LegalForm, legal_forms
from .letters import fold, words

_SMALL_WORDS = {"da", "de", "del", "der", "di", "do", "en", "for", "für", "la", "le", "of", "the"}

# Few forms in Latin letters precede a name; a name that begins with another one is longer: SAS
# Institute, AB InBev. In other scripts, and in several words, any form does.
_LEADING_FORMS = {"aktiebolaget", "eurl", "ooo", "oao", "pao", "pt", "sarl", "sia", "tov", "uab"}
_LEADING_FORMS |= {"zao", "stichting", "stiftelsen", "fundacion", "fondation", "fondazione"}
_LONGEST_FORM = 8  # words
_FORM_AND_NAME = 2  # letters, from which a form or name may be a part of one word in Chinese

# What begins a key that is no spelling; no folded name has these characters.
_CLOSED, _INITIALS = NEAR_MARKS = "=", "."
_MOST_INITIALS, _MOST_WORDS = 6, 8  # that are looked for
LONGEST_KEY = 200  # characters; of longer ones more may be found than is meant

# Scripts that write words without spaces between them.
_CLOSE = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SCRIPTS = re.compile(f"[{_CLOSE}]+|[^{_CLOSE}]+")
_IS_CLOSE = re.compile(f"[{_CLOSE}]")


class Spelling(NamedTuple):
    """A name in all forms that are compared."""

    folded: str
    words: tuple[str, ...]  # without accents, "and", a leading "The" and the dots of S.p.A.
    bare: tuple[str, ...]  # without legal form either
    forms: tuple[LegalForm, ...]  # its legal forms, such as "S.p.A." and "S.B."
    joined: str  # the words with a space between them
    bare_name: str  # the bare words with a space between them
    compact: str  # the bare words with none

    @property
    def keys(self) -> set[str]:
        """Comparison keys: two names match automatically only if they share one."""
        return {self.folded, self.joined, self.bare_name} - {""}

    @property
    def near_keys(self) -> set[str]:
        """Keys of several words, or of another script: without spaces, and of the initials."""
        heard, found = in_latin_letters(self), set[str]()
        if len(heard.bare) > 1 or heard is not self:
            found.add(_CLOSED + heard.compact)
        if len(heard.bare) > 1:
            found.add(_INITIALS + heard.initials[:_MOST_INITIALS])
        return found

    @property
    def searched(self) -> set[str]:
        """The keys of names that may be meant by this listed one, which is not theirs."""
        heard, found = in_latin_letters(self), set(beginnings(self))
        for bare in {self.bare, heard.bare}:
            found |= _runs(bare[:_MOST_WORDS])
        found |= {heard.compact, _CLOSED + heard.compact}
        if len(heard.compact) <= _MOST_INITIALS:
            found.add(_INITIALS + heard.compact)
        if len(heard.initials) > 1:
            found |= {heard.initials, _CLOSED + heard.initials}
        return found - {""}

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.bare if word not in _SMALL_WORDS)


def spell(name: str) -> Spelling:
    folded = fold(name)
    parts = words(name, folded)
    if not folded.isascii():
        parts = tuple(part for word in parts for part in _split_scripts(word))
    bare, forms = _without_legal_form(parts)
    joined = " ".join(parts)
    joined = folded if joined == folded else joined  # one text in memory
    bare_name = joined if bare is parts else " ".join(bare)
    return Spelling(folded, parts, bare, forms, joined, bare_name, "".join(bare))


def in_latin_letters(name: Spelling) -> Spelling:
    """The transliterated name without its legal form, if it is in another script."""
    if name.compact.isascii():
        return name
    from anyascii import anyascii  # its tables are read for the scripts that occur

    heard = words(anyascii(name.bare_name)) or name.bare
    return name._replace(bare=heard, bare_name=" ".join(heard), compact="".join(heard))


def spelling_of(bare_name: str) -> Spelling:
    """The spelling of a bare name."""
    bare = tuple(bare_name.split())
    return Spelling(bare_name, bare, bare, (), bare_name, bare_name, "".join(bare))


def _runs(bare: tuple[str, ...]) -> set[str]:
    """Every run of consecutive words, for a name that is part of what was listed."""
    ends = range(1, len(bare) + 1)
    return {" ".join(bare[start:end]) for end in ends for start in range(end)}


def beginnings(name: Spelling) -> Iterator[str]:
    """Possible prefixes of a name in a script without spaces, longest first: 百度, of 百度在线."""
    for word in name.bare:
        if _IS_CLOSE.match(word):
            yield from (word[:size] for size in range(len(word) - 1, _FORM_AND_NAME - 1, -1))


def _split_scripts(word: str) -> Iterator[str]:
    """Split a word at changes of script and at a legal form: 联想, Lenovo, 有限公司."""
    for part in _SCRIPTS.findall(word):
        yield from _split_form(part) if _IS_CLOSE.match(part) else (part,)


def _split_form(word: str) -> tuple[str, ...]:
    for form in _forms_without_spaces():
        rest = len(word) - len(form)
        if rest > 0 and word.endswith(form):
            return word[:rest], form
        if rest > 0 and word.startswith(form):
            return form, word[len(form) :]
    return (word,)


@cache
def _forms_without_spaces() -> list[str]:
    """The legal forms of scripts without spaces, the longest first."""
    forms = (one for one in legal_forms() if _IS_CLOSE.match(one))
    return sorted((one for one in forms if len(one) >= _FORM_AND_NAME), key=len, reverse=True)


def _without_legal_form(parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[LegalForm, ...]]:
    """Split off the legal form.

    A name that would shrink to nothing or to another legal form keeps all its words: "SAS",
    "SE", and "SAS AB", which is not "SAS".
    """
    known = legal_forms()
    bare, forms = parts, list[LegalForm]()
    while size := _trailing_form(bare):
        forms.insert(0, known["".join(bare[-size:])])
        bare = bare[:-size]
    if size := _leading_form(bare):
        forms.append(known["".join(bare[:size])])
        bare = bare[size:]
    if not forms or "".join(bare) in known:
        return parts, ()
    return bare, tuple(forms)


def _trailing_form(parts: tuple[str, ...]) -> int:
    """The number of trailing words that are a legal form; never all."""
    known = legal_forms()
    for size in range(min(_LONGEST_FORM, len(parts) - 1), 0, -1):
        if "".join(parts[-size:]) in known:
            return size
    return 0


def _leading_form(parts: tuple[str, ...]) -> int:
    """The number of leading words that are a legal form; never all."""
    known = legal_forms()
    for size in range(min(_LONGEST_FORM, len(parts) - 1), 0, -1):
        form = "".join(parts[:size])
        if form in known and (size > 1 or form in _LEADING_FORMS or not form.isascii()):
            return size
    return 0
