"""The register as plain text: a Frictionless Tabular Data Package, loaded and written back."""

from .dry_run import lost_rows, preview
from .dumping import descriptor, dump
from .loading import load
from .results import BrokenPackage, Loaded
from .tables import TABLES

__all__ = [
    "TABLES",
    "BrokenPackage",
    "Loaded",
    "descriptor",
    "dump",
    "load",
    "lost_rows",
    "preview",
]
