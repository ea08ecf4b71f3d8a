"""Pledges to core commitments that a signature implies: which are missing, which say no more."""

from companies.models import Commitment, Company, Pact, Pledge, Signing


def missing_core_pledges(pact: Pact, company: Company | None = None) -> list[Pledge]:
    """Unsaved pledges to core commitments, implied by signing, that are not there yet."""
    signatories = Signing.objects.signed().filter(pact=pact)
    if company:
        signatories = signatories.filter(company=company)
    core = list(Commitment.objects.core().filter(pact=pact))
    known = set(
        Pledge.objects.filter(commitment__in=core).values_list("company_id", "commitment_id")
    )
    return [
        Pledge(
            company_id=company_id, commitment=commitment, basis=Pledge.Basis.IMPLIED_BY_SIGNATURE
        )
        for company_id in signatories.order_by("company_id")
        .values_list("company_id", flat=True)
        .distinct()
        for commitment in core
        if (company_id, commitment.pk) not in known
    ]


def bare_core_pledges(company: Company, pact: Pact) -> list[Pledge]:
    """Pledges that only the signature implied and that nothing else is known of."""
    return list(
        Pledge.objects.filter(
            company=company,
            commitment__in=Commitment.objects.core().filter(pact=pact),
            basis=Pledge.Basis.IMPLIED_BY_SIGNATURE,
            implementation=Pledge.Implementation.NO_EVIDENCE,
            citations__isnull=True,
            note_en="",
            note_fr="",
        )
    )
