"""What serializers write of every company, beside what the API answers."""

from django.test import Client
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from companies import queries
from companies.api.serializers import CompanyDetailSerializer, CompanySerializer
from companies.models import Company, Pact
from companies.queries.querysets import listing
from companies.queries.recorded import reading
from companies.queries.roster.table_state import forget

LIST = "/api/v1/companies/"
render = JSONRenderer().render


def answers() -> dict[str, tuple[dict[str, bytes], dict[str, bytes]]]:
    """By pact, what the API answers of each company in lists and alone, as this process has it."""
    return {one.slug: (_items(one), _records(one)) for one in Pact.objects.that_were_read()}


def assert_answers_are_those_of_serializers() -> None:
    """Each company, in lists and alone, toward each pact, is byte by byte what serializers say."""
    answered = answers()
    forget()
    clock = queries.Clock(today=timezone.localdate())
    with reading(clock):
        for pact in Pact.objects.that_were_read():
            items, records = answered[pact.slug]
            assert items == _items_of_serializers(pact, clock)
            assert records == _records_of_serializers(pact, clock)


def _items(pact: Pact) -> dict[str, bytes]:
    found, address = {}, f"{LIST}?pact={pact.slug}&page_size=100"
    while address:
        answer = Client().get(address).json()
        found |= {row["slug"]: render(row) for row in answer["results"]}
        address = answer["next"]
    return found


def _items_of_serializers(pact: Pact, clock: queries.Clock) -> dict[str, bytes]:
    companies = listing(Company.objects.with_status(pact, clock.day), pact, clock.day)
    queries.full_lists(clock).mark_companies(companies, pact)
    serializer = CompanySerializer(context={"pact": pact})
    return {one.slug: render(serializer.to_representation(one)) for one in companies}


def _records(pact: Pact) -> dict[str, bytes]:
    slugs = Company.objects.values_list("slug", flat=True)
    return {slug: Client().get(f"{LIST}{slug}/?pact={pact.slug}").content for slug in slugs}


def _records_of_serializers(pact: Pact, clock: queries.Clock) -> dict[str, bytes]:
    found, lists = {}, queries.full_lists(clock)
    serializer = CompanyDetailSerializer(context={"pact": pact, "day": clock.day})
    for slug in Company.objects.values_list("slug", flat=True):
        company = queries.record_of(slug, pact, clock.day)
        lists.mark(company.signings.all())
        lists.mark_companies([company], pact)
        found[slug] = render(serializer.to_representation(company))
    return found
