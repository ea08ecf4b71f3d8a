"""The register as plain text: a Frictionless Tabular Data Package, loaded and written back."""

from .dump import descriptor, dump
from .load import BrokenPackage, Loaded, load
from .preview import lost_rows, preview
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
