"""The register's tables, one module per subject."""

from .changes import Change, RegisterVersion
from .company import (
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Region,
    Sector,
)
from .corrections import Correction
from .dates import PartialDate, Precision
from .evidence import Citation, Confidence, ProgressReport, Source
from .imports import ImportRun, ListHeading, OfficialList, Proposal, RefusedMatch
from .merges import Merge
from .pact import DEFAULT_PACT, Commitment, Milestone, Pact
from .report_clock import ReportState
from .signing import Pledge, Signing
from .supplier_checks import SupplierCheck

__all__ = [
    "DEFAULT_PACT",
    "Change",
    "Citation",
    "Commitment",
    "Company",
    "CompanyIdentifier",
    "CompanyName",
    "CompanyRedirect",
    "Confidence",
    "Correction",
    "ImportRun",
    "ListHeading",
    "Merge",
    "Milestone",
    "OfficialList",
    "Pact",
    "PartialDate",
    "Pledge",
    "Precision",
    "ProgressReport",
    "Proposal",
    "RefusedMatch",
    "Region",
    "RegisterVersion",
    "ReportState",
    "Sector",
    "Signing",
    "Source",
    "SupplierCheck",
]
