"""Commands of manage.py. `SEED` is the register as plain text that the project brings along."""

from pathlib import Path

SEED = Path(__file__).parents[1] / "data"
