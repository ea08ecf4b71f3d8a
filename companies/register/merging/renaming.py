"""Former public ids redirect, and former names stay searchable."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from companies.models import Company, CompanyName, CompanyRedirect
from companies.register.history import delete, save, unit_of_work


def check_slug_is_free(slug: str, company: Company) -> None:
    """Raise ValidationError for a slug that redirects to another company."""
    taken = CompanyRedirect.objects.filter(old_slug=slug).exclude(company_id=company.pk or 0)
    if redirect := taken.select_related("company").first():
        raise ValidationError(
            _(
                "“%(slug)s” was the public id of %(company)s and still redirects there. Choose "
                "another one."
            ),
            params={"slug": slug, "company": redirect.company},
        )


@unit_of_work()
def leave_redirect(company: Company, old_slug: str, reason: str) -> None:
    """Redirect the old slug, unless the company uses it again."""
    for redirect in company.redirects.filter(old_slug=company.slug):
        delete(redirect, reason)
    save(CompanyRedirect(company=company, old_slug=old_slug), reason)


@unit_of_work()
def keep_former_name(company: Company, name: str, reason: str) -> CompanyName | None:
    """Add the former name, unless the company has it already."""
    known = {row.name.lower() for row in company.names.all()} | {company.name.lower()}
    if name.lower() in known:
        return None
    former = CompanyName(company=company, name=name, kind=CompanyName.Kind.FORMER)
    save(former, reason)
    return former
