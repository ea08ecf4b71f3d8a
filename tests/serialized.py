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


def answers(every: int = 1) -> dict[str, tuple[dict[str, bytes], dict[str, bytes]]]:
    """By pact, what the API answers of each company in lists and alone, as this process has it."""
    pacts = Pact.objects.with_list_read()
    return {one.slug: (_items(one), _records(one, every)) for one in pacts}


def assert_answers_are_those_of_serializers(every: int = 1) -> None:
    """Each company, in lists and alone, toward each pact, is byte by byte what serializers say.

    With `every=4`, one of four is asked for alone; lists have all.
    """
    answered = answers(every)
    forget()
    clock = queries.Clock(today=timezone.localdate())
    with reading(clock):
        for pact in Pact.objects.with_list_read():
            items, records = answered[pact.slug]
            assert items == _items_of_serializers(pact, clock)
            assert records == _records_of_serializers(pact, clock, every)


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


def _slugs(every: int) -> list[str]:
    return list(Company.objects.order_by("slug").values_list("slug", flat=True))[::every]


def _records(pact: Pact, every: int) -> dict[str, bytes]:
    address = f"{LIST}{{}}/?pact={pact.slug}"
    return {slug: Client().get(address.format(slug)).content for slug in _slugs(every)}


def _records_of_serializers(pact: Pact, clock: queries.Clock, every: int) -> dict[str, bytes]:
    found, lists = {}, queries.full_lists(clock)
    serializer = CompanyDetailSerializer(context={"pact": pact, "day": clock.day})
    for slug in _slugs(every):
        company = queries.record_of(slug, pact, clock.day)
        lists.mark(company.signings.all())
        lists.mark_companies([company], pact)
        found[slug] = render(serializer.to_representation(company))
    return found
