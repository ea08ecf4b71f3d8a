"""The register as a Frictionless Tabular Data Package: load and dump."""

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
