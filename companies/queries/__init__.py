"""The read side: what pages, API, exports and feeds ask of the register, and how it may be asked.

One FilterSet a table declares every parameter once: its name, its values and its help text. Pages
and API both use it, so they cannot disagree.
"""

from .absences import Absence, AbsenceFilter
from .clocks import Clock, DayQuery, Recorded, RecordedQuery, clock_of
from .company_filter import CompanyFilter, CompanyPage, WholeResult
from .comparison import MOST_COMPARED, Compared, CompareQuery
from .corrections import AnswerTime, answer_time, correction_counts, statements
from .filters import (
    BadgeQuery,
    CommitmentFilter,
    CorrectionQuery,
    MilestoneFilter,
    PactFilter,
    PactQuery,
    PledgeFilter,
    ReceiptQuery,
    SigningFilter,
    SourceFilter,
    VerifyQuery,
)
from .named import (
    SUGGESTED,
    companies_like,
    companies_named,
    company_meant,
)
from .parameters import (
    PAGE_SIZE,
    UNKNOWN,
    BadQuery,
    Fault,
    RegisterFilter,
    StrictFilter,
    refuse_parameters,
)
from .querysets import (
    absent,
    commitments,
    company_moved_from,
    counted_commitments,
    counted_pacts,
    country_labels,
    listing,
    milestones,
    pact_or_404,
    pact_or_none,
    pledges,
    record,
    signings,
    standing,
)
from .report_filter import ReportFilter, reports_received

__all__ = [
    "MOST_COMPARED",
    "PAGE_SIZE",
    "SUGGESTED",
    "UNKNOWN",
    "Absence",
    "AbsenceFilter",
    "AnswerTime",
    "BadQuery",
    "BadgeQuery",
    "Clock",
    "CommitmentFilter",
    "CompanyFilter",
    "CompanyPage",
    "CompareQuery",
    "Compared",
    "CorrectionQuery",
    "DayQuery",
    "Fault",
    "MilestoneFilter",
    "PactFilter",
    "PactQuery",
    "PledgeFilter",
    "ReceiptQuery",
    "Recorded",
    "RecordedQuery",
    "RegisterFilter",
    "ReportFilter",
    "SigningFilter",
    "SourceFilter",
    "StrictFilter",
    "VerifyQuery",
    "WholeResult",
    "absent",
    "answer_time",
    "clock_of",
    "commitments",
    "companies_like",
    "companies_named",
    "company_meant",
    "company_moved_from",
    "correction_counts",
    "counted_commitments",
    "counted_pacts",
    "country_labels",
    "listing",
    "milestones",
    "pact_or_404",
    "pact_or_none",
    "pledges",
    "record",
    "refuse_parameters",
    "reports_received",
    "signings",
    "standing",
    "statements",
]
