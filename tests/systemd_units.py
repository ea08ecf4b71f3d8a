"""The units of systemd, read as systemd reads them."""

import re
from collections import defaultdict
from collections.abc import Mapping


def parsed(text: str) -> Mapping[str, Mapping[str, list[str]]]:
    """Section -> key -> values in order: a unit may say a key more than once."""
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in text.splitlines():
        if not line.strip() or line.startswith(("#", ";")):
            continue
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section = found[1]
            continue
        key, equals, value = line.partition("=")
        assert section, f"{line} stands in no section"
        assert equals, f"{line} sets nothing"
        assert re.fullmatch(r"[A-Z]\w*", key), f"{key} is no key"
        sections[section][key].append(value)
    return sections
