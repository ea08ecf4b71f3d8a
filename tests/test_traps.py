"""None of the project's own traps (tests/traps.py) is in the code, but where it is meant."""

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from .test_architecture import dotted, modules
from .traps import (
    RULES,
    Finding,
    Module,
    trapped,
    unchecked_links,
    unreasoned_silence,
    unsafe_in,
)

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
TOOLS = [path for part in ("benchmarks", "tools") for path in (ROOT / part).rglob("*.py")]

# Where a trap is meant, by its rule: the reason, and the functions or modules it holds for.
PLACES = {
    "unrecorded_writes": {
        "sessions, attempts and log of accounts, which are no part of the register": (
            "accounts.sessions.end "
            "accounts.expiry.delete_events "
            "accounts.limits.login_limits accounts.limits.api_limit "
            "accounts.limits.backends.LimitedBackend.authenticate"
        ),
        "followers and what is told to them, which are no part of the register": (
            "companies.register.following.new_deliveries companies.register.following.outbox "
            "companies.register.following.signups companies.register.following.subscribing "
            "companies.register.personal.erasure.erase"
        ),
        "the one door to the history": "companies.register.history",
        "which alerts were mailed, no part of the register": (
            "companies.register.operator_alerts.send"
        ),
        "the read table, which follows from the register": "companies.register.read_table",
        "a row that is no part of the register: proposals, refusals, kept lists, letters": (
            "companies.register.review.uploads.propose_spreadsheet "
            "companies.register.review.watch._store "
            "companies.register.review.deciding._decide "
            "companies.register.review.deciding._Deciding.approve "
            "companies.register.approval.notices companies.register.approval.superseding "
            "companies.register.review.deciding._mark_stale "
            "companies.register.package.offers.offer "
            "companies.register.merging.merge._Merging.drop_refused_matches "
            "companies.register.suppliers.forget companies.register.suppliers.delete_expired "
            "companies.register.corrections.forget_emails "
            "companies.register.corrections.forget_wishes "
            "companies.register.corrections.forget_messages "
            "companies.register.corrections.forget_sender companies.register.corrections._closed "
            "companies.admin.desk.filter_screens.delete"
        ),
        "personal data that is over or to be erased, of which no public fact is made": (
            "companies.register.personal companies.management.commands.personal_data"
        ),
        "a second factor, which is no part of the register": "accounts.factors.remove_factors",
        "a unique value of a row that the same load deletes, with its history row": (
            "companies.register.package.loading._make_way"
        ),
    },
    "unescaped_markup": {
        "JSON with <, > and & escaped, which no text can end": (
            "companies.templatetags.register.json_ld"
        ),
        "parts of one template, rendered with escaping": (
            "companies.pages.suppliers.check.show_result companies.pages.browsing "
            "companies.templatetags.register.main_menu companies.templatetags.register.page_footer "
            "companies.templatetags.register._framing companies.templatetags.register.part "
            "companies.pages.well_known.sitemaps"
        ),
        "a translated sentence, of which each value was escaped": (
            "companies.queries.wording.counted.with_large_number"
        ),
        "a pattern of ours or of Babel, which escapes what it is filled with": (
            "companies.pages.history.events_page.sentence_of "
            "companies.pages.history.events_page.who"
        ),
        "the type alone": (
            "companies.pages.history.events_page.ShownEvent "
            "companies.templatetags.register.shared_title "
            "companies.templatetags.admin_index.without_empty_headings "
            "companies.admin.evidence.source_fields.AddressInput.render"
        ),
    },
    "raw_sql": {
        "the one door to the history, for many rows": (
            "companies.register.bulk_rows.write_values companies.register.bulk_rows.insert_values"
        ),
        "definitions of indexes, as the database itself states them": (
            "companies.register.filling.later_indexes"
        ),
        "a temporary file of one process": "companies.register.publishing.replay",
        "a constant, or a query as Django wrote it, with other values for its parameters": (
            "companies.queries.records.statements.rows_of_statement"
        ),
        "passes a statement on, with a limit of time": (
            "pactwatch.outages.postgresql.ImpatientConnection.execute"
        ),
        "table and columns of our own models, values as parameters": (
            "companies.queries.recorded._fill companies.register.open_data.file_formats._fill "
            "companies.register.publishing.before_migrating._hashes_of"
        ),
        "one of two constants": (
            "companies.queries.roster.roster_files._change companies.register.filling.journal._set"
        ),
        "an attribute of a filter": (
            "companies.api.schema._schema companies.api.parameters.api_parameters.ProgramQuery.cut "
            "companies.queries.company_filter.other_than"
        ),
    },
    "read_beside_forms": {
        "the query of this page, only copied into another address": (
            "companies.api.base_views.moved companies.api.change_views.LogPagination.answer "
            "companies.api.pagination.RegisterPagination.answer "
            "companies.pages.comparing.compare._query companies.pages.context "
            "companies.pages.embedding.share_image.PictureOfPage._pact "
            "companies.pages.errors.bad_query companies.pages.history.feeds._next "
            "companies.admin.desk.next_row"
        ),
        "the guards themselves": (
            "companies.queries.parameters.StrictFilter.of companies.api.docs.Schema "
            "accounts.bounds.bounded"
        ),
        "compared with known values, never stored nor looked up": (
            "companies.api.base_views.RegisterView.finalize_response "
            "companies.admin.facts.SigningAdmin.get_list_display "
            "companies.admin.companies.CompanyAdmin.history_view "
            "companies.admin.correction_queue companies.admin.base.accepts_early "
            "companies.admin.previewing.frame.is_preview "
            "companies.admin.base.RegisterAdmin.history_form_view "
            "companies.admin.review_screen "
            "companies.pages.history.changes_page.changes companies.pages.suppliers.check"
        ),
        "what was typed, given back to whoever typed it": (
            "pactwatch.outages.typed companies.admin.evidence.source_fields"
        ),
        "a body of the reconciliation protocol, read member by member": (
            "companies.api.matching.reconcile_views.Service.post "
            "companies.api.matching.reconcile_views.MatchBatch.post "
            "companies.api.matching.reconcile_views.Extend.post"
        ),
    },
    "links_without_a_scheme": {
        "the fields that check the scheme": (
            "companies.models.fields companies.pages.corrections.correction_form.WebUrlField "
            "companies.pages.following.follow_forms.EndpointField"
        ),
        "asks which kind a column or field is": (
            "companies.admin.form_errors companies.register.package.loading._expected"
        ),
    },
    "stored_sentences": {
        "the log of a reading, in the language of whoever started it": (
            "companies.register.review.watch._mark_cut_off"
        ),
    },
    "network": {
        "the one door to other hosts, with its limits of addresses, bytes and time": (
            "companies.importers.download companies.importers.ip_addresses "
            "companies.importers.posting"
        ),
        "the mail server that the settings name, with its limit of time": (
            "companies.register.following.emails"
        ),
        "names of errors, no call": (
            "companies.register.verifying.page_check companies.register.corrections._send "
            "companies.register.approval.notices companies.register.operator_alerts"
        ),
    },
    "waiting_without_end": {
        "asks and does not wait": (
            "accounts.limits.hashers.refuse_if_full accounts.limits.hashers.one_at_a_time "
            "companies.register.verifying.describing.describe"
        ),
        "the thread has ended: its generator is read to the end": (
            "companies.register.verifying.polite_fetching.ByHost.__iter__"
        ),
        "runs the command that it was given, as long as that takes": "tools.postgres.main",
    },
    "files": {
        "a file or folder that the settings name": (
            "accounts.passwords companies.register.backups companies.register.open_data "
            "companies.pages.open_data companies.queries.roster.roster_files "
            "pactwatch.outages.whole_files"
        ),
        "the index that SQLite keeps beside the file of the register": (
            "pactwatch.response_cache.freshness"
        ),
        "files of numbers in a folder that the settings name": "pactwatch.measuring.counters",
        "a package that an operator names": "companies.register.filling",
        "files of the project": (
            "companies.importers.spreadsheet.headings companies.names.kinds "
            "companies.names.legal_forms companies.pages.statistics "
            "companies.management.commands.offer_package "
            "companies.management.commands.makemessages companies.api.docs pactwatch.drawing "
            "pactwatch.settings pactwatch.startup pactwatch.system_checks"
        ),
        "a folder or file that the operator names": (
            "companies.management.commands.dump_register "
            "companies.management.commands.verify_receipt companies.register.package.dry_run "
            "companies.register.review.watch._saved_page"
        ),
        "kept by its own hash below a folder of the settings": (
            "pactwatch.outages.cached_files companies.register.verifying.stored_pages"
        ),
        "no path: a method of ours, a part of a file in memory, an unnamed file": (
            "companies.importers.official_page.html._Reader.read "
            "companies.importers.spreadsheet.xlsx_file._parts companies.pages.downloads.as_file "
            "companies.register.package.dumping"
        ),
    },
    "swallowed_errors": {
        "what was begun is removed, and it is raised again": (
            "companies.register.backups.making.back_up"
        ),
        "Django raises it again; the answer goes out whole or not at all": (
            "pactwatch.response_cache"
        ),
        "raised again, or made into a 503 where it is an outage": "pactwatch.outages",
        "a broken file raises whatever its reader is made into": (
            "companies.importers.cited_page._pdf companies.importers.spreadsheet.xlsx_file"
        ),
    },
    "exemptions": {
        "no login and no cookie is there that another site could use": (
            "companies.pages.corrections.corrections_page.new companies.pages.suppliers.check "
            "companies.pages.following.email_pages companies.pages.following.webhook_pages"
        ),
        "whoever has the link of the e-mail may confirm, and there is no login to abuse": (
            "companies.pages.corrections.corrections_page.confirm "
            "companies.pages.corrections.corrections_page.untold"
        ),
        "a card for frames, without scripts, forms and cookies": (
            "companies.pages.embedding.cards.framed"
        ),
    },
    "imports_by_text": {
        "the store of sessions that the settings name": "companies.register.personal.persons",
        "a name that stands in the code, imported late": "companies.importers.cited_page._pdf",
        "a name that stands in the settings": (
            "pactwatch.response_cache.freshness pactwatch.response_cache.quick_answers "
            "pactwatch.response_cache.replicas"
        ),
        "a view that a list of URLs names": "pactwatch.startup",
        "asks whether a library is installed": "companies.register.open_data.file_formats",
    },
    "programs": {
        "a backup is made by the program of PostgreSQL itself": (
            "companies.register.backups.databases"
        ),
        "a drill runs the program's own commands, as an operator would": (
            "companies.register.backups.drilling"
        ),
    },
    "implied_pledges": {
        "the rule, and who computes it": (
            "companies.models.signing.Pledge companies.register.implied_pledges"
        ),
        "shows it": "companies.pages.definitions companies.pages.record.claims",
        "compares a file with it": "companies.register.package.row_rules.basis_of",
        "stated by a list": "companies.register.review.writes._pledge_chapters",
    },
}

LINKS = {
    "made by the view, of an address of its own and a query": (
        "usable_url again other.url line.history_url line.version_url canonical one.url one.path "
        "alternates.0.url url url_today chip.without column.without row.url said.url cell.record "
        "svg_url json_url scope cleared bar.url part.url mark.url jump.url "
        "one.csv.url one.file.url link task.url atom json "
        "followed.url"
    ),
    "an address of the admin, by its name": ("model.admin_url entry.get_admin_url"),
    "begins with https://, whatever is typed behind it": "identifier.url",
    "a setting or a constant": "site_url licence",
}
UNSAFE = {
    "companies/api/docs.html manual|safe": "docs/api.md of this repository as HTML",
    "companies/corrections/_mail_end.txt autoescape off": "a part of a letter without markup",
    "companies/corrections/correction_mail.txt autoescape off": "a letter without markup",
    "companies/corrections/receipt_mail.txt autoescape off": "a letter without markup",
    "companies/corrections/status_mail.txt autoescape off": "a letter without markup",
    "companies/following/confirm_mail.txt autoescape off": "a letter without markup",
    "companies/following/news_mail.txt autoescape off": "a letter without markup",
    "companies/open_data/CITATION.cff autoescape off": "a text without markup",
    "companies/open_data/changes.txt autoescape off": "a text without markup",
    "companies/open_data/citation.bib autoescape off": "a text without markup",
    "companies/open_data/citation.txt autoescape off": "a text without markup",
    "companies/well_known/llms.txt autoescape off": "a text without markup",
}


@cache
def found() -> list[Finding]:
    paths = {dotted(path): path for path in [*modules(), *TOOLS]}
    return [one for name, path in paths.items() for one in trapped(module(name, path.read_text()))]


def module(name, source):
    return Module(name, source, is_package=(ROOT / name.replace(".", "/")).is_dir())


def covers(place, finding):
    """An import stands at the top of a module: it is meant where one of its functions is."""
    within = f"{finding.place}.".startswith(f"{place}.")
    return within or ("import " in finding.what and place.startswith(f"{finding.place}."))


def meant(rule):
    return [place for places in PLACES.get(rule, {}).values() for place in places.split()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_has_an_unlisted_trap(rule):
    findings = [one for one in found() if one.rule == rule.__name__]
    places = meant(rule.__name__)

    assert [one for one in findings if not any(covers(p, one) for p in places)] == []
    # A reason that covers nothing any more is to be deleted.
    assert [place for place in places if not any(covers(place, one) for one in findings)] == []


def test_no_template_has_unlisted_unescaped_text():
    shown = [
        f"{path.relative_to(ROOT / 'templates')} {said}"
        for path in TEMPLATES
        for said in unsafe_in(path.read_text())
    ]
    assert sorted(shown) == sorted(UNSAFE)


def test_no_template_link_takes_its_scheme_from_outside_text():
    linked = {
        said.partition("|")[0] for path in TEMPLATES for said in unchecked_links(path.read_text())
    }
    assert linked == {name for names in LINKS.values() for name in names.split()}


# What each rule finds: the trap itself, and the same under other names.
FOUND = {
    "unrecorded_writes": """
        Company.objects.filter(country="DE").update(country="FR")
        Company.objects.update(**values)
        change = Company.objects.filter(pk=1).update
        getattr(Company.objects.all(), "update")(name="x")
        getattr(Company.objects.all(), "bulk_create")(rows)
        attrgetter("objects.update")(Company)(name="x")
        methodcaller("bulk_create", rows)(Company.objects)
        QuerySet.update(rows, name="x")
        Company.objects.bulk_update(rows, ["name"])
        vars(Company)["objects"].filter().delete()
        partial(Company.objects.delete)
        company.skip_history_when_saving = True
        company.save_base(raw=True)
        Company.objects.all()._raw_delete("default")
        post_create_historical_record.disconnect(_record)
        from simple_history.utils import bulk_create_with_history as quick; quick(rows, Company)
        from django.db.models.deletion import Collector
    """,
    "unescaped_markup": """
        from django.utils.safestring import mark_safe as m; m(text)
        from django.utils import safestring as s; s.mark_safe(text)
        import django.utils.safestring; django.utils.safestring.SafeString(text)
        from django.utils.safestring import *
        from django.utils import safestring; getattr(safestring, "mark_safe")(text)
        format_html(f"<b>{name}</b>")
        format_html("<b>" + name + "</b>")
        format_html("<b>%s</b>" % name)
        format_html(template, name)
        format_html_join("", row, rows)
        html.format_html("<b>{}</b>".format(name))
        Text.__html__ = lambda text: text
        Context(values, autoescape=False)
        register.filter("loud", loud, is_safe=True)
        HttpResponse(f"<p>{name}</p>")
        HttpResponse("<p>{}</p>".format(name))
        Engine.get_default().from_string(text)
        from django.template import Template as T; T(text)
    """,
    "raw_sql": """
        Company.objects.raw("SELECT 1")
        Company.objects.extra(where=["1=1"])
        add = Company.objects.extra
        cursor.execute(f"SELECT {name}")
        cursor.execute("SELECT " + name)
        cursor.execute("SELECT %s" % name)
        cursor.execute("SELECT {}".format(name))
        cursor.execute(statement)
        cursor.executemany(statement, rows)
        run = cursor.execute
        getattr(cursor, "execute")(statement)
        cursor.callproc(name)
        from django.db.models.expressions import RawSQL as R; R("1", [])
        from django.db import models; models.RawSQL("1", [])
        migrations.RunSQL(text)
    """,
    "read_beside_forms": """
        request.POST.get("name")
        request.POST["name"]
        sent = request.POST
        self.request.FILES.getlist("file")
        getattr(request, "POST")
        request.body.decode()
        request.read()
        json.loads(request.body)
        request.data["name"]
        request.COOKIES.get("seen")
        request.GET["p"]
        operator.attrgetter("POST")(request)
        request.__dict__["_post"]
        NameForm(request.POST.get("name"))
        NameForm(dict(request.POST))
        name in request.POST
    """,
    "links_without_a_scheme": """
        from django.db import models; models.URLField()
        from django.db.models import URLField as Link; Link()
        from django import forms; forms.URLField()
        import django.forms; django.forms.URLField()
    """,
    "stored_sentences": """
        GETTEXT; run.remarks = _("Read.")
        from django.utils.translation import gettext; run.remarks += gettext("Read.")
        from django.utils import translation as t; run.remarks = t.gettext_lazy("Read.")
        GETTEXT; Change.objects.create(field=_("name"))
        from django.utils.translation import ngettext as n; save_new(rows, reason=n("a", "b", 2))
        from companies.models import Proposal as P; GETTEXT; P(reason=str(_("Read.")) % {})
        GETTEXT; said = _("Read."); rows.update(reason=said)
        GETTEXT; said = f"{_('Read.')}!"; run.reason = said
    """,
    "translated_at_import": """
        GETTEXT; TITLE = _("Companies")
        from django.utils.translation import ngettext; TITLES = [ngettext("one", "two", 2)]
        from django.utils import translation; TITLE = translation.pgettext("menu", "Companies")
        GETTEXT; title = lambda text=_("x"): text
        GETTEXT; register(_("x"))(print)
    """,
    "network": """
        import urllib3; urllib3.request("GET", url, timeout=5)
        from urllib.request import urlopen
        import http.client as h; h.HTTPConnection(host)
        from socket import create_connection
        import requests
        import smtplib
    """,
    "waiting_without_end": """
        import subprocess; subprocess.run(["true"])
        import subprocess as s; s.check_output(["true"])
        from subprocess import run; run(["true"])
        from subprocess import run as go; go(["true"])
        import subprocess; getattr(subprocess, "call")(["true"])
        import subprocess; subprocess.run(["true"], timeout=None)
        server.wait()
        server.communicate()
        from urllib.request import urlopen; urlopen(url)
        import smtplib; smtplib.SMTP(host)
        import urllib3; urllib3.PoolManager()
        from http.client import HTTPSConnection as H; H(host)
    """,
    "programs": """
        import subprocess
        from subprocess import run
        import os; os.system("true")
        from os import popen
        import os as o; o.fork()
        import multiprocessing.pool
    """,
    "files": """
        open(path)
        io.open(path)
        read = open
        path.open("w")
        Path(name).read_bytes()
        getattr(path, "write_text")("x")
        import os; os.remove(name)
        import shutil; shutil.rmtree(name)
        from tempfile import mkdtemp
        [*folder.rglob("*")]
    """,
    "guessable": """
        import random; random.choice(letters)
        from random import choices as draw
        import uuid; uuid.uuid1()
    """,
    "swallowed_errors": """
        try: read()↵except: pass
        try: read()↵except Exception: pass
        try: read()↵except (OSError, Exception) as error: log(error)
        try: read()↵except BaseException: raise
        import builtins↵try: read()↵except builtins.Exception: pass
        All = Exception↵try: read()↵except All: pass
        from contextlib import suppress as quiet↵with quiet(Exception): read()
    """,
    "exemptions": """
        from django.views.decorators.csrf import csrf_exempt as free; free(view)
        from django.views.decorators import csrf; csrf.csrf_exempt(view)
        view.csrf_exempt = True
        getattr(csrf, "csrf_exempt")(view)
        from csp.decorators import csp_exempt
        from rest_framework.permissions import AllowAny
    """,
    "imports_by_text": """
        import importlib; importlib.import_module("random")
        from importlib import import_module as load
        __import__("random")
        from django.utils.module_loading import import_string
        globals()["mark_safe"]
    """,
    "implied_pledges": """
        pledge.basis = Pledge.Basis.IMPLIED_BY_SIGNATURE
        getattr(Pledge.Basis, "IMPLIED_BY_SIGNATURE")
        from companies.models import Pledge as P; P(company=company)
        from companies import models; models.Pledge(company=company)
    """,
}  # fmt: skip
LEFT_ALONE = {
    "unrecorded_writes": """
        names.update(others)
        digest.update(content)
        cache.delete("key")
        history.save(row, "why")
        response.delete_cookie("a")
    """,
    "unescaped_markup": """
        format_html("<b>{}</b>", name)
        format_html_join("", "<li>{}</li>", rows)
        HttpResponse(f"{fault}", content_type="text/plain")
        render(request, "page.html", values)
    """,
    "raw_sql": """
        cursor.execute("SELECT 1")
        cursor.execute("SELECT %s", [name])
        parameter.extra.get("help_text")
        log.info("read", extra={})
    """,
    "read_beside_forms": """
        NameForm(request.POST, request.FILES)
        NameForm(request.POST if posted else None)
        queries.refuse_parameters(request.GET)
        "take" in request.POST
        form.data["name"]
        tree.body.text()
    """,
    "links_without_a_scheme": """
        from companies.models.fields import WebField; WebField()
        from rest_framework import serializers; serializers.URLField()
    """,
    "stored_sentences": """
        GETTEXT; raise NotPossible(_("Read."))
        from django.utils.translation import gettext_lazy as _; models.TextField(help_text=_("x"))
        run.remarks = text
        Change.objects.create(field="name")
    """,
    "translated_at_import": """
        from django.utils.translation import gettext_lazy as _; TITLE = _("Companies")
        GETTEXT; title = lambda: _("Companies")
        from django.utils.translation import gettext_noop as _; TITLE = _("Companies")
    """,
    "network": """
        from urllib.parse import urlsplit
        import companies.importers.download
    """,
    "waiting_without_end": """
        import subprocess; subprocess.run(["true"], timeout=5)
        import subprocess; subprocess.run(["true"], **limits)
        server.wait(timeout=5)
        ", ".join(names)
    """,
    "programs": """
        import os; os.environ.get("PATH")
    """,
    "files": """
        read_text(cell)
        text.replace("a", "b")
    """,
    "guessable": """
        import secrets; secrets.token_urlsafe()
        import uuid; uuid.uuid5(space, name)
    """,
    "swallowed_errors": """
        try: read()↵except (OSError, ValueError): pass
        from contextlib import suppress↵with suppress(OSError): read()
    """,
    "exemptions": """
        from django.views.decorators.csrf import csrf_protect
        from rest_framework.permissions import IsAdminUser
    """,
    "imports_by_text": """
        from companies.importers import download
    """,
    "implied_pledges": """
        Pledge.objects.filter(basis=basis)
    """,
}  # fmt: skip


GETTEXT = "from django.utils.translation import gettext as _"


def snippets(table):
    """A line is a module of its own; ↵ ends a line of it."""
    for rule, texts in table.items():
        for line in filter(None, map(str.strip, texts.splitlines())):
            source = line.replace("↵", "\n").replace("GETTEXT", GETTEXT)
            yield rule, source


def rules_about(source):
    return {one.rule for one in trapped(Module("companies.register.trap", source))}


def test_a_trap_is_found_under_any_import_name():
    missed = [(rule, code) for rule, code in snippets(FOUND) if rule not in rules_about(code)]
    assert missed == []


def test_code_that_only_resembles_a_trap_is_accepted():
    found = [(rule, code) for rule, code in snippets(LEFT_ALONE) if rule in rules_about(code)]
    assert found == []


def test_each_rule_has_an_example_that_it_finds_and_one_that_it_accepts():
    assert {*FOUND} == {*LEFT_ALONE} == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ name|safe }}</p>",
        "<p>{{ name|lower|safe }}</p>",
        "<p>{{ name| safe }}</p>",
        "<ul>{{ names|safeseq|join:', ' }}</ul>",
        "{% autoescape off %}{{ name }}{% endautoescape %}",
        "{% autoescape  off %}{{ name }}{% endautoescape %}",
        "{% filter safe %}{{ name }}{% endfilter %}",
        "{% firstof name|safe %}",
        "{% with shown=name|safe %}{{ shown }}{% endwith %}",
        "<p class={{ name }}>",
        "<p class='a' title={{ name }}>",
        "<p onclick=\"go('{{ name }}')\">",
        '<p style="color: {{ name }}">',
        "<script>const name = '{{ name }}';</script>",
        "<style>.{{ name }} { color: red }</style>",
    ],
)
def test_unescaped_text_is_found(template):
    assert [*unsafe_in(template)]


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ name }} = {{ name }}</p>",
        '<p class="{{ name }}" title="{{ name }}">',
        "{# name|safe #}<p>{{ safe }}</p>",
        "{% autoescape on %}{{ name }}{% endautoescape %}",
        '<script src="{% static "browse.js" %}"></script>',
    ],
)
def test_escaped_text_is_accepted(template):
    assert [*unsafe_in(template)] == []


@pytest.mark.parametrize(
    "template",
    [
        '<a href="{{ source.url }}">',
        "<a href='{{ source.url }}'>",
        "<a href={{ source.url }}>",
        '<a class="x" href = "{{ source.url }}">',
        '<a href="{{ source.url|lower }}">',
        '<a href="{% if source %}{{ source.url }}{% endif %}">',
        '<a href="{% if x %}/about/{% else %}{{ source.url }}{% endif %}">',
        '{% if source.url %}<a href="{{ source.url }}">{% endif %}',
        '{% if not source.url|web_link %}<a href="{{ source.url }}">{% endif %}',
        '{% if x or source.url|web_link %}<a href="{{ source.url }}">{% endif %}',
        '{% if source.url|web_link %}{% else %}<a href="{{ source.url }}">{% endif %}',
        '{% if source.url|web_link %}{% endif %}<a href="{{ source.url }}">',
        '{% if other.url|web_link %}<a href="{{ source.url }}">{% endif %}',
        '<a href="{% firstof source.url "/" %}">',
        '<form action="{{ source.url }}">',
        '<img src="{{ source.url }}">',
        '<use xlink:href="{{ source.url }}">',
        '<button formaction="{{ source.url }}">',
    ],
)
def test_a_link_with_an_unchecked_scheme_is_found(template):
    assert [*unchecked_links(template)]


@pytest.mark.parametrize(
    "template",
    [
        '<a href="{{ source.url|web_link }}">',
        '{% if source.url|web_link %}<a href="{{ source.url }}">{% endif %}',
        '{% if x and source.url|web_link %}<a href="{{ source.url }}">{% endif %}',
        '{% if x %}{% elif source.url|web_link %}<a href="{{ source.url }}">{% endif %}',
        '<a href="{{ company.get_absolute_url }}">',
        '<a href="{{ company.get_absolute_url|then:request.clock }}">',
        '{% url "about" as about %}<a href="{{ about }}">',
        '<a href="{% url "about" %}{{ fragment }}">',
        '<a href="?page={{ page }}">',
        '<a href="mailto:{{ email }}">',
        '<p data-label="{{ label }}">href="{{ source.url }}"</p>',
    ],
)
def test_a_link_with_a_checked_scheme_is_accepted(template):
    assert [*unchecked_links(template)] == []


def test_a_check_is_silenced_only_by_its_code_and_with_a_reason():
    paths = [*modules(), *TOOLS]
    silent = [(dotted(p), *one) for p in paths for one in unreasoned_silence(p.read_text())]
    assert silent == []


@pytest.mark.parametrize(
    ("comment", "is_found"),
    [
        ("# noqa", True),
        ("# noqa: S608", True),
        ("# noqa: S608  # our own names", False),
        ("# type: ignore", True),
        ("# type: ignore[index]", True),
        ("# type: ignore[index]  # asked for", False),
        ("# type: ignore  # asked for", True),
        ("# nosec", True),
        ("# nosec B311", True),
        ("# nosec B308, B703  # no text ends it", False),
        ("# noqa: S308  # nosec B308  # no text ends it", False),
        ("# pragma: no cover", True),
        ("# noqa is a word", True),
        ("# a comment about noqa", False),
    ],
)
def test_a_silenced_check_without_a_reason_is_found(comment, is_found):
    assert bool([*unreasoned_silence(f"x = 1  {comment}\n")]) == is_found


# What is left to other programs: ruff reads a file in milliseconds, bandit knows more.
OF_RUFF = {
    "S307": "eval(text)",
    "S102": "exec(text)",
    "S301": "import pickle\n\npickle.loads(content)",
    "S506": "import yaml\n\nyaml.load(text)",
    "S101": "assert row",
    "S113": "import requests\n\nrequests.get(url)",
    "S324": "import hashlib\n\nhashlib.md5(content)",
    "S602": "import subprocess\n\nsubprocess.run(text, shell=True)",
    "S110": "try:\n    read()\nexcept Exception:\n    pass",
    "DTZ011": "from datetime import date as d\n\nd.today()",
    "DTZ005": "import datetime\n\ndatetime.datetime.now()",
    "T201": "print(row)",
}


def test_ruff_finds_the_traps_delegated_to_it():
    source = "\n".join(OF_RUFF.values()) + "\n"
    command = ["-m", "ruff", "check", "--no-cache", "--output-format=concise", "--quiet"]
    named = ["--stdin-filename", "companies/trap.py", "-"]
    answer = subprocess.run(
        [sys.executable, *command, *named],
        input=source, capture_output=True, text=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert {code for code in OF_RUFF if f" {code} " not in answer.stdout} == set()


def test_bandit_is_never_disabled_as_a_whole(tmp_path):
    trap = tmp_path / "trap.py"
    trap.write_text("import subprocess\n\nsubprocess.run(text, shell=True)\neval(text)\n")
    command = ["-m", "bandit", "--quiet", "--configfile", "pyproject.toml", "-f", "json", trap]
    answer = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    found = Counter(one["test_id"] for one in json.loads(answer.stdout)["results"])
    assert (answer.returncode, found) == (1, {"B602": 1, "B307": 1})
