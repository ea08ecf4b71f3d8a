"""The fastest SQLite can do without a framework: WSGI, hand-written SQL, JSON made by SQLite.

Lists come from one wide table with an index for each order, records from the register's tables. It
does less than PactWatch: no links, no as-of dates, no validation of parameters.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

Query = dict[str, str]

ITEM = """json_object('slug', slug, 'name', name, 'country', country, 'sector', sector,
 'size', size, 'role', role, 'website', website, 'status', status, 'since', since,
 'precision', since_precision, 'basis', since_basis, 'sources', sources, 'pledges', pledges)"""
BY_NAME = "ORDER BY sorted, slug LIMIT 50"
FILTERED = "country = :country AND status = :status"
FOUND = "rowid IN (SELECT rowid FROM companies_fts WHERE companies_fts MATCH :q)"
SORTS = {
    "-since": "ORDER BY since DESC LIMIT 50",
    "since": "ORDER BY since LIMIT 50",
    "-name": "ORDER BY sorted DESC LIMIT 50",
    "country": "ORDER BY sorted LIMIT 50",
}
FACETS = ("country", "status", "sector", "size", "role")
# What triggers would keep: as many rows as there are different companies in these respects.
COUNTED = """CREATE TEMP TABLE counted AS
 SELECT country, status, sector, size, role, count(*) AS number FROM companies
 GROUP BY 1, 2, 3, 4, 5"""
RECORD = """SELECT json_object('slug', c.slug, 'name', c.name, 'legal_name', c.legal_name,
 'country', c.country, 'size', c.size, 'role', c.role, 'website', c.website, 'sector', x.label_en,
 'names', (SELECT json_group_array(json_object('name', n.name, 'kind', n.kind))
  FROM ours.companies_companyname n WHERE n.company_id = c.id),
 'signings', (SELECT json_group_array(json_object('pact', p.slug, 'status', s.status,
   'since', s.since, 'until', s.until, 'basis', s.since_basis, 'citations',
   (SELECT json_group_array(json_object('url', d.url, 'title', d.title, 'quote', q.quote))
    FROM ours.companies_citation q JOIN ours.companies_source d ON d.id = q.source_id
    WHERE q.signing_id = s.id)))
  FROM ours.companies_signing s JOIN ours.companies_pact p ON p.id = s.pact_id
  WHERE s.company_id = c.id),
 'pledges', (SELECT json_group_array(json_object('code', k.code, 'title', k.title_en,
   'implementation', g.implementation, 'as_of', g.as_of, 'citations',
   (SELECT json_group_array(json_object('url', d.url, 'title', d.title, 'quote', q.quote))
    FROM ours.companies_citation q JOIN ours.companies_source d ON d.id = q.source_id
    WHERE q.pledge_id = g.id)))
  FROM ours.companies_pledge g JOIN ours.companies_commitment k ON k.id = g.commitment_id
  WHERE g.company_id = c.id))
 FROM ours.companies_company c LEFT JOIN ours.companies_sector x ON x.id = c.sector_id
 WHERE c.slug = :slug"""


class Local(threading.local):
    """A connection per thread, and cached row counts."""

    def __init__(self) -> None:
        ours = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
        path = os.environ["BENCHMARK_PUBLISHED"]
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.database.execute("ATTACH ? AS ours", [f"file:{ours}?mode=ro"])
        self.database.execute("PRAGMA mmap_size = 2000000000")
        self.database.execute("PRAGMA temp_store = MEMORY")
        self.database.execute(COUNTED)
        self.total = self.one("SELECT sum(number) FROM counted", {})

    def one(self, sql: str, query: Query) -> Any:
        return self.database.execute(sql, query).fetchone()[0]


local = Local()


def page(where: str, order: str, query: Query, count: object) -> str:
    rows = f"SELECT {ITEM} AS item FROM companies WHERE {where} {order}"  # noqa: S608  # our own
    items = local.one(f"SELECT group_concat(item) FROM ({rows})", query)  # noqa: S608  # our own
    return f'{{"count":{count},"results":[{items or ""}]}}'


def listed(query: Query) -> str:
    return page("1", BY_NAME, query, local.total)


def filtered(query: Query) -> str:
    count = f"SELECT coalesce(sum(number), 0) FROM counted WHERE {FILTERED}"  # noqa: S608  # our own
    return page(FILTERED, SORTS[query["sort"]], query, local.one(count, query))


def found(query: Query) -> str:
    query["q"] = f'"{query["q"]}"'
    match = "SELECT count(*) FROM companies_fts WHERE companies_fts MATCH :q"
    return page(FOUND, BY_NAME, query, local.one(match, query))


def deep(query: Query) -> str:
    after = "(sorted, slug) > (:name, :after)"
    return page(after, BY_NAME, query, local.total)


def record(query: Query) -> str:
    return str(local.one(RECORD, query))


@cache
def unfiltered() -> str:
    return f"{{{','.join(_counts({}))}}}"


def statistics(query: Query) -> str:
    return unfiltered()


def browsed(query: Query) -> str:
    return f'{{"facets":{{{",".join(_counts(query))}}},"page":{filtered(query)}}}'


def _counts(query: Query) -> Iterator[str]:
    for facet in FACETS:
        own = [f"{name} = :{name}" for name in query if name in FACETS and name != facet]
        sql = (
            "SELECT json_group_object(coalesce(value, ''), number) FROM (SELECT "  # noqa: S608  # our own
            f"{facet} AS value, sum(number) AS number FROM counted "
            f"WHERE {' AND '.join(own) or '1'} GROUP BY 1)"
        )
        yield f'"{facet}":{local.one(sql, query)}'


ANSWERS: dict[str, Callable[[Query], str]] = {
    "/list": listed,
    "/filter": filtered,
    "/search": found,
    "/record": record,
    "/deep": deep,
    "/statistics": statistics,
    "/browse": browsed,
}


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    body = ANSWERS[environ["PATH_INFO"]](query).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
