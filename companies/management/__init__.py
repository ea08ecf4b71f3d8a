"""Management commands. `SEED` is the data package that the project ships."""

from pathlib import Path

SEED = Path(__file__).parents[1] / "data"
