"""The register's tables, one module per subject; the rest of the register imports from here."""

from .as_of import known_as_of
from .changes import NO_HASH, Change, RegisterVersion, canonical
from .checks.quote_checks import QuoteCheck, results_of_checks
from .checks.supplier_checks import SupplierCheck
from .checks.told_alerts import ToldAlert
from .company import (
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyQuerySet,
    CompanyRedirect,
    Region,
    Sector,
    refuse_names_of_others,
)
from .corrections import (
    MESSAGE_LENGTH,
    AnswerDraft,
    Correction,
    StatusNotice,
    new_receipt,
    read_receipt,
    receipt_of,
)
from .dates import ListsWithout, PartialDate, PossibleDays, Precision, early_days, in_force
from .desk.saved_filters import SavedFilter
from .evidence import (
    Citation,
    Confidence,
    Milestone,
    Opinion,
    PublishedShare,
    Source,
    surest_first,
)
from .fields import (
    CleanField,
    FoldedField,
    codes,
    is_web_address,
    meaning,
    refuse_bidi_controls,
    refuse_signs_alone,
    web_address,
)
from .following.deliveries import Delivery, new_message_id
from .following.subscriptions import Subscription, SubscriptionQuerySet, among, host_of, packed
from .imports import ImportRun, ImportRunQuerySet, ListHeading, OfficialList, Proposal, RefusedMatch
from .merges import Merge
from .pact import DEFAULT_PACT, Commitment, Pact, PactQuerySet
from .present.present_rows import CompanyRow, NameKey, ReadTable, StatusRow
from .proof import faults, faults_of_days, faults_of_quotes, stronger_than_quote, without_quote
from .report_clock import (
    ProgressReport,
    ReportClock,
    ReportState,
    ReportStates,
    months_after,
    with_report_state,
)
from .signing import (
    Pledge,
    PledgeQuerySet,
    Retraction,
    Signing,
    SigningQuerySet,
    implementation_on,
)

__all__ = [
    "DEFAULT_PACT",
    "MESSAGE_LENGTH",
    "NO_HASH",
    "AnswerDraft",
    "Change",
    "Citation",
    "CleanField",
    "Commitment",
    "Company",
    "CompanyIdentifier",
    "CompanyName",
    "CompanyQuerySet",
    "CompanyRedirect",
    "CompanyRow",
    "Confidence",
    "Correction",
    "Delivery",
    "FoldedField",
    "ImportRun",
    "ImportRunQuerySet",
    "ListHeading",
    "ListsWithout",
    "Merge",
    "Milestone",
    "NameKey",
    "OfficialList",
    "Opinion",
    "Pact",
    "PactQuerySet",
    "PartialDate",
    "Pledge",
    "PledgeQuerySet",
    "PossibleDays",
    "Precision",
    "ProgressReport",
    "Proposal",
    "PublishedShare",
    "QuoteCheck",
    "ReadTable",
    "RefusedMatch",
    "Region",
    "RegisterVersion",
    "ReportClock",
    "ReportState",
    "ReportStates",
    "Retraction",
    "SavedFilter",
    "Sector",
    "Signing",
    "SigningQuerySet",
    "Source",
    "StatusNotice",
    "StatusRow",
    "Subscription",
    "SubscriptionQuerySet",
    "SupplierCheck",
    "ToldAlert",
    "among",
    "canonical",
    "codes",
    "early_days",
    "faults",
    "faults_of_days",
    "faults_of_quotes",
    "host_of",
    "implementation_on",
    "in_force",
    "is_web_address",
    "known_as_of",
    "meaning",
    "months_after",
    "new_message_id",
    "new_receipt",
    "packed",
    "read_receipt",
    "receipt_of",
    "refuse_bidi_controls",
    "refuse_names_of_others",
    "refuse_signs_alone",
    "results_of_checks",
    "stronger_than_quote",
    "surest_first",
    "web_address",
    "with_report_state",
    "without_quote",
]
