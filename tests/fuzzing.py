"""What schemathesis checks of our own; schemathesis.toml names this module.

No schema can say three things of a query: which public ids the register has, that a day has come,
and that a cursor stands alone. For these reasons, and no others, what fits the schema is refused.
"""

import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import schemathesis

OF_THE_REGISTER = {"company", "company__not", "pact", "commitment", "sector", "sector__not"}
BRUSSELS = ZoneInfo("Europe/Brussels")
DAYS = {"as_of", "recorded_as_of"}


@schemathesis.check
def a_query_that_fits_the_schema_is_refused_only_for_what_no_schema_says(ctx, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code != 400:
        return
    query = parse_qs(urlsplit(response.request.url).query)
    for fault in response.json()["errors"]:
        assert may_be_refused(fault["parameter"], query), fault


def may_be_refused(name, query):
    if name == "cursor":
        return query["cursor"] != ["*"] or bool({"page", "sort"} & query.keys())
    if name in DAYS:
        return query[name][0] > f"{datetime.datetime.now(BRUSSELS):%F}"
    return name in OF_THE_REGISTER
