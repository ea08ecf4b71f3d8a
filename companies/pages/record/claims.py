"""The statements of the register about one company, each with citations."""

from collections.abc import Iterable
from dataclasses import dataclass

from companies.models import Citation, Company, Pact, Pledge, ProgressReport, Signing


@dataclass(frozen=True)
class Claim:
    """One statement: about exactly one of signing, pledge or report, or about the profile.

    `rests_on` is the statement of the signature that implies a pledge; `url` is the source of a
    profile.
    """

    anchor: str
    citations: list[Citation]
    pact: Pact | None = None
    signing: Signing | None = None
    pledge: Pledge | None = None
    report: ProgressReport | None = None
    rests_on: "Claim | None" = None
    url: str = ""

    @property
    def is_supported(self) -> bool:
        if self.citations or self.url:
            return True
        return self.rests_on is not None and self.rests_on.is_supported


def claims(company: Company) -> list[Claim]:
    """Statements by pact: statuses from the first on, pledges, reports; the profile last.

    Takes no queries for a company of `queries.record`.
    """
    signings = sorted(company.signings.all(), key=lambda s: (s.pact.position, s.since))
    of_signings = [_of_signing(signing) for signing in signings]
    of_pledges = [_of_pledge(pledge, of_signings) for pledge in company.pledges.all()]
    of_reports = [_of_report(report) for report in company.reports.all()]
    together = [*of_signings, *of_pledges, *of_reports]
    found = sorted(together, key=lambda claim: claim.pact.position if claim.pact else 0)
    return [*found, _of_profile(company)]


def _of_profile(company: Company) -> Claim:
    sourced = company.profile_basis == Company.ProfileBasis.SOURCE
    url = company.profile_url if sourced else ""
    return Claim("claim-profile", list(company.citations.all()), url=url)


def supported(found: Iterable[Claim]) -> int:
    return sum(claim.is_supported for claim in found)


def _of_signing(signing: Signing) -> Claim:
    anchor = f"claim-{signing.pact.slug}-{signing.started}"
    return Claim(anchor, list(signing.citations.all()), signing.pact, signing=signing)


def _of_pledge(pledge: Pledge, signings: Iterable[Claim]) -> Claim:
    pact = pledge.commitment.pact
    signed = [claim for claim in signings if claim.pact == pact and _is_signature(claim)]
    by_signing = pledge.basis == Pledge.Basis.IMPLIED_BY_SIGNATURE
    return Claim(
        f"claim-{pact.slug}-{pledge.commitment.code}",
        list(pledge.citations.all()),
        pact,
        pledge=pledge,
        rests_on=signed[0] if signed and by_signing else None,
    )


def _is_signature(claim: Claim) -> bool:
    return claim.signing is not None and claim.signing.status == Signing.Status.SIGNED


def _of_report(report: ProgressReport) -> Claim:
    anchor = f"claim-{report.pact.slug}-report-{report.period}"
    return Claim(anchor, list(report.citations.all()), report.pact, report=report)
