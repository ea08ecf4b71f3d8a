"""/metrics: closed without its token, readable by Prometheus, and what the dashboard asks for."""

import datetime
import json
import re
from pathlib import Path

import pytest
from django.db import Error, connection
from django.utils import timezone

from companies.models import ImportRun, OfficialList, Proposal, QuoteCheck
from companies.pages.well_known import metrics
from companies.register.backups import folders
from pactwatch.measuring import counters, exposition

from .builders import (
    a_citation,
    a_company,
    a_correction,
    a_delivery,
    a_pact,
    a_signing,
    a_subscription,
)
from .lists import a_reading

ROOT = Path(__file__).parent.parent
TOKEN = "a-token-of-twenty-letters"
DASHBOARD = json.loads((ROOT / "deploy/grafana.json").read_text())
DOCS = (ROOT / "docs/deploy.md").read_text()
LINE = re.compile(r'(pactwatch_\w+)(\{(?:\w+="[^"\\]*",?)*\})? (-?[0-9.]+(?:e[+-]\d+)?)')
pytestmark = [pytest.mark.django_db]


@pytest.fixture
def scrape(client, settings, tmp_path, monkeypatch):
    """The metrics of a site, by name and labels; each line is one that Prometheus reads."""
    settings.METRICS_TOKEN, settings.BACKUP_DIR = TOKEN, tmp_path / "backups"
    own = counters.Counters()
    monkeypatch.setattr(metrics, "counters", lambda: own)

    def read():
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == exposition.CONTENT_TYPE
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.content.decode()
        assert text.endswith("\n")
        found, typed = {}, set()
        for line in text.splitlines():
            if line.startswith("#"):
                typed.add(line.split()[2])
                continue
            name, labels, value = LINE.fullmatch(line).groups()
            assert re.sub("_(bucket|sum|count)$", "", name) in typed or name in typed
            found[f"{name}{labels or ''}"] = float(value)
        return found

    read.counters = own
    return read


def test_without_a_token_in_the_settings_metrics_is_a_404(client):
    answer = client.get("/metrics", headers={"Authorization": "Bearer "})

    assert answer.status_code == 404
    assert b"pactwatch_" not in answer.content


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_a_wrong_token_is_refused(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"Authorization": given})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"pactwatch_" not in answer.content


def test_the_metrics_page_refuses_post(client, settings):
    settings.METRICS_TOKEN = TOKEN

    assert client.post("/metrics").status_code == 405


def test_an_empty_register_has_zero_metrics(scrape, settings):
    found = scrape()

    assert found[f'pactwatch_info{{release="{settings.VERSION}"}}'] == 1
    assert found["pactwatch_database_up"] == 1
    assert found[f'pactwatch_register_version{{database="{connection.vendor}"}}'] == 0
    assert found["pactwatch_proposals_waiting"] == found["pactwatch_corrections_waiting"] == 0
    assert "pactwatch_backup_timestamp_seconds" not in found
    assert "pactwatch_oldest_proposal_timestamp_seconds" not in found


def test_open_proposals_corrections_and_deliveries_are_metrics_with_their_age(scrape, settings):
    OfficialList.objects.create(pact=a_pact(), url="https://cited.example/list")
    never = scrape()
    assert never['pactwatch_list_last_attempt{pact="eu-ai-pact",state="never"}'] == 1
    a_reading(["Acme", "Bolt"])
    run = ImportRun.objects.get()
    correction = a_correction()
    delivery = a_delivery(a_subscription())
    delivery.save()
    citation = a_citation(signing=a_signing(a_company("Core")), quote="Core")
    QuoteCheck.objects.create(
        citation=citation,
        url=citation.source.url,
        quote=citation.quote,
        checked_at=timezone.now(),
        since=datetime.date(2026, 11, 20),
        result="gone",
    )
    backed_up(settings)

    found = scrape()

    assert found["pactwatch_proposals_waiting"] == Proposal.objects.count() > 0
    oldest = found["pactwatch_oldest_proposal_timestamp_seconds"]
    assert oldest == pytest.approx(run.retrieved_at.timestamp(), abs=1)
    assert found["pactwatch_corrections_waiting"] == 1
    assert found["pactwatch_deliveries_waiting"] == 1
    due = found["pactwatch_oldest_delivery_timestamp_seconds"]
    assert due == pytest.approx(delivery.next_attempt_at.timestamp(), abs=1)
    received = found["pactwatch_oldest_correction_timestamp_seconds"]
    assert received == pytest.approx(correction.received_at.timestamp(), abs=1)
    assert found["pactwatch_citations_unverified"] == 1
    assert found["pactwatch_quotes_lost"] == 1
    assert found['pactwatch_list_read_timestamp_seconds{pact="eu-ai-pact"}'] == oldest
    assert found['pactwatch_list_last_attempt{pact="eu-ai-pact",state="read"}'] == 1
    age = timezone.now().timestamp() - found["pactwatch_backup_timestamp_seconds"]
    assert 0 <= age < 600


def test_request_metrics_work_while_the_database_is_down(scrape, monkeypatch):
    def away():
        raise Error

    monkeypatch.setattr(metrics, "current_version", away)
    scrape.counters.count_request("page", 503, 0.1, is_cached=False)

    found = scrape()

    assert found["pactwatch_database_up"] == 0
    assert found['pactwatch_requests_total{kind="page",status="503",answer="fresh"}'] == 1
    assert "pactwatch_register_version" not in found


def test_metric_labels_are_escaped():
    odd = exposition.Metric("a", "gauge", "A.", [("", {"b": 'c"\\\nd'}, 1)])

    assert exposition.written([odd]).splitlines()[-1] == r'pactwatch_a{b="c\"\\\nd"} 1'


def backed_up(settings):
    whole = settings.BACKUP_DIR / f"{timezone.now():{folders.NAME}}"
    whole.mkdir(parents=True)
    (whole / "manifest.json").touch()


def names_of(metrics_of_a_site):
    return {re.sub(r"\{.*", "", name) for name in metrics_of_a_site}


def filled(scrape, settings):
    """Every metric there can be."""
    OfficialList.objects.create(pact=a_pact(), url="https://cited.example/list")
    a_reading(["Acme", "Bolt"])
    a_correction()
    a_delivery(a_subscription()).save()
    backed_up(settings)
    scrape.counters.count_request("page", 200, 0.1, is_cached=True)
    scrape.counters.count_request("api", 503, 0.1, is_cached=False)
    return scrape()


def test_each_metric_of_the_dashboard_exists(scrape, settings):
    there = names_of(filled(scrape, settings))
    asked = {
        name
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
        for name in re.findall(r"pactwatch_\w+", target["expr"])
    }

    assert len(asked) > 15
    assert asked - there == set()
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = {(p["gridPos"]["x"], p["gridPos"]["y"]) for p in DASHBOARD["panels"]}
    assert len(places) == len(DASHBOARD["panels"])
    assert all(
        panel["datasource"]["uid"] == "${datasource}" and panel["title"] and panel["targets"]
        for panel in DASHBOARD["panels"]
    )


def test_the_dashboard_asks_for_labels_and_values_that_the_metrics_have(scrape, settings):
    there = filled(scrape, settings)
    labels = {name: set() for name in names_of(there)}
    for line in there:
        labels[line.partition("{")[0]] |= {*re.findall(r'(\w+)="([^"]*)"', line)}

    for target in (target for panel in DASHBOARD["panels"] for target in panel["targets"]):
        expression = target["expr"]
        names = {*re.findall(r"pactwatch_\w+", expression)}
        known = {label for name in names for label, _value in labels[name]}
        grouped = {*re.findall(r"\w+", ",".join(re.findall(r"\bby \(([^)]*)\)", expression)))}
        assert grouped <= known, expression
        legend = {*re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))}
        assert legend <= grouped, expression
        assert expression.count("(") == expression.count(")")
        for name, chosen in re.findall(r"(pactwatch_\w+)\{([^}]*)\}", expression):
            for label, sign, value in re.findall(r'(\w+)(=~?)"([^"]*)"', chosen):
                values = {found for one, found in labels[name] if one == label}
                pattern = value if sign == "=~" else re.escape(value)
                assert any(re.fullmatch(pattern, found) for found in values), (name, label, value)


def test_the_docs_explain_each_metric_and_no_other(scrape, settings):
    there = {
        re.sub("_(bucket|sum|count)$", "", name) for name in names_of(filled(scrape, settings))
    }
    table = DOCS.partition("\n## Numbers\n")[2].partition("\n## ")[0]
    told = re.findall(r"`(pactwatch_\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", table, re.M)))

    assert {*told} == there
