"""How many queries a response that is not cached takes, on a register of any size.

No clock is read. `make check` runs these; the tests of each page say what each query is for.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.fill import fill
from companies.models import Company
from companies.register import read_table
from tests.reader_client import forget_answers
from tests.sharing import shared

# At most, for the first answer after a process knows how all companies stand.
QUERIES = {
    "/api/v1/companies/": 1,
    "/api/v1/companies/?country=DE&status=signed&sort=-since": 1,
    "/api/v1/companies/?q=syst": 1,
    "/api/v1/companies/?page=2": 1,
    "/api/v1/companies/{slug}/": 1,
    "/api/v1/statistics/": 1,
    "/companies/?country=DE&status=signed": 2,
    "/companies/{slug}/": 1,
    "/": 1,
}


def write():
    fill(60)
    read_table.rebuild()


written = shared(write)


@pytest.mark.django_db
@pytest.mark.parametrize("address", QUERIES)
def test_an_uncached_response_takes_few_queries(client, address):
    asked = address.format(slug=Company.objects.order_by("name_folded")[30].slug)
    client.get(asked)
    forget_answers()

    with CaptureQueriesContext(connection) as sent:
        assert client.get(asked).status_code == 200
    said = "\n".join(query["sql"] for query in sent)
    assert len(sent) <= QUERIES[address], said
