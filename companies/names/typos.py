"""Search terms that a name still contains despite typos. Pure."""

from collections.abc import Iterator, Sequence

SHORTEST = 3  # letters, which an index of every three letters finds
Alternatives = Sequence[tuple[str, ...]]  # parts of a name, all of one tuple


def mistyped(words: Sequence[str]) -> Alternatives:
    """The parts of `words` left intact by up to two wrong neighbouring letters in one word.

    A letter that is wrong, missing or extra, or two that are swapped, leave what is before and
    after; the other words are whole.
    """
    found = dict[tuple[str, ...], None]()
    for number, word in enumerate(words):
        others = [*words[:number], *words[number + 1 :]]
        for place in range(len(word) - 1):
            parts = (word[:place], word[place + 2 :], *others)
            found[tuple(part for part in parts if len(part) >= SHORTEST)] = None
    return [parts for parts in found if sum(map(len, parts)) > SHORTEST]


def whole(words: Sequence[str]) -> Alternatives:
    """All words that an index of every three letters finds."""
    parts = tuple(one for one in words if len(one) >= SHORTEST)
    return [parts] if parts else []


def one_word_less(words: Sequence[str]) -> Alternatives:
    """All words but one, of several."""
    left = (
        tuple(one for place, one in enumerate(words) if place != number and len(one) >= SHORTEST)
        for number in range(len(words))
    )
    return [parts for parts in dict.fromkeys(left) if parts]


def runs(words: Sequence[str]) -> Iterator[str]:
    """Every run of consecutive words, for a name that is part of what was typed."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield " ".join(words[start:end])
