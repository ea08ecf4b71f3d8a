"""Official lists as published on certain days, to compare the register with."""

from pathlib import Path

LISTS = Path(__file__).parent.parent / "docs/official-lists"


def _names(path: str) -> list[str]:
    return (LISTS / path).read_text(encoding="utf-8").splitlines()


AI_PACT_2024_10_09 = _names("eu-ai-pact-2024-10-09.txt")
CODE_2025_08_01 = _names("gpai-code/2025-08-01.txt")
CODE_2025_12 = _names("gpai-code/2025-12.txt")
CODE_2026_MID = _names("gpai-code/2026-mid.txt")
CODE_2026_07_31 = _names("gpai-code/2026-07-31.txt")
