"""The read side: what pages, API, exports and feeds ask of the register, and how it may be asked.

One FilterSet a table declares every parameter once: its name, its values and its help text. Pages
and API both use it, so they cannot disagree.
"""

from .companies import FACETS, CompanyFilter
from .corrections import AnswerTime, answer_time, correction_counts, statements
from .lists import (
    CommitmentFilter,
    MilestoneFilter,
    PactFilter,
    PactQuery,
    PledgeFilter,
    SigningFilter,
    SourceFilter,
)
from .moments import DayQuery, Moment, Recorded, RecordedQuery, asked_moment
from .named import (
    SUGGESTED,
    BadgeQuery,
    CorrectionQuery,
    ReceiptQuery,
    VerifyQuery,
    companies_like,
    companies_named,
    company_meant,
)
from .rows import (
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
)
from .strict import (
    PAGE_SIZE,
    UNKNOWN,
    BadQuery,
    Fault,
    RegisterFilter,
    StrictFilter,
    refuse_parameters,
)

__all__ = [
    "FACETS",
    "PAGE_SIZE",
    "SUGGESTED",
    "UNKNOWN",
    "AnswerTime",
    "BadQuery",
    "BadgeQuery",
    "CommitmentFilter",
    "CompanyFilter",
    "CorrectionQuery",
    "DayQuery",
    "Fault",
    "MilestoneFilter",
    "Moment",
    "PactFilter",
    "PactQuery",
    "PledgeFilter",
    "ReceiptQuery",
    "Recorded",
    "RecordedQuery",
    "RegisterFilter",
    "SigningFilter",
    "SourceFilter",
    "StrictFilter",
    "VerifyQuery",
    "absent",
    "answer_time",
    "asked_moment",
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
    "signings",
    "statements",
]
