"""The French: complete, set as French is set, and no text on a page out of its reach.

When a text is missing or no longer used: `make messages`, then translate what it left empty.
"""

import html
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.apps import apps
from django.core.management import call_command
from django.core.validators import RegexValidator
from django.db.models import Choices, Field
from django.utils.functional import Promise
from django.utils.translation import override

from companies import models, queries
from companies.models import PartialDate
from companies.templatetags.register import when
from tests.spoken import NAMES, Reader, Text, calls, hard_coded, spoken_plainly, texts_of_template

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "locale/fr/LC_MESSAGES/django.po"
CODE = sorted(
    path
    for folder in ("companies", "pactwatch")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
TEMPLATES = sorted(
    path
    for folder in ("templates", "companies/templates")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".html", ".svg", ".txt", ".xml"}
)
# The API and its documentation are in English, as is the viewer that shows it.
ENGLISH_ONLY = {ROOT / "templates/companies/api/docs.html"}
SPEAKING_CODE = [path for path in CODE if ROOT / "companies/api" not in path.parents]
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and path not in ENGLISH_ONLY]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# What there is to translate


@cache
def texts() -> dict[Text, str]:
    """Every text marked for translation, with the first file that holds it."""
    found: dict[Text, str] = {}
    for path in CODE:
        for call in calls(path.read_text()):
            if call.is_literal:
                found.setdefault(call.text, name_of(path))
    for path in TEMPLATES:
        for text in texts_of_template(path.read_text()):
            found.setdefault(text, name_of(path))
    return found


@cache
def catalogue() -> Catalog:
    return read_po(BytesIO(CATALOGUE.read_bytes()), locale="fr", abort_invalid=True)


@cache
def french() -> dict[Text, tuple[str, ...]]:
    """Every text of the catalogue with its French, one form or two."""
    found = {}
    for message in catalogue():
        if message.id:
            ids = (message.id,) if isinstance(message.id, str) else message.id
            forms = (message.string,) if isinstance(message.string, str) else message.string
            text = Text(ids[0], ids[1] if len(ids) > 1 else None, message.context)
            found[text] = tuple(forms)
    return found


def translated(text: str) -> bool:
    """Whether the catalogue has French for an English text, however many forms it has."""
    return any(text == known.singular and all(forms) for known, forms in french().items())


def test_every_text_has_its_french():
    missing = {text: path for text, path in texts().items() if not all(french().get(text, [""]))}
    assert missing == {}, "Run `make messages` and translate what it left empty."


def test_the_catalogue_holds_nothing_that_is_no_longer_used():
    unused = [text for text in french() if text not in texts()]
    assert unused == [], "Run `make messages`."
    assert not catalogue().obsolete


def test_nothing_is_left_to_a_guess():
    assert not catalogue().fuzzy
    assert [message.id for message in catalogue() if message.fuzzy] == []


def test_numbers_have_both_their_forms():
    assert catalogue().num_plurals == 2
    wrong = [text for text, forms in french().items() if len(forms) != (2 if text.plural else 1)]
    assert wrong == []


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_make_messages_can_read_every_text_of(path):
    found = list(calls(path.read_text()))
    assert [call for call in found if call.name not in {"_", "_t", call.function}] == []
    assert [call for call in found if not call.is_literal] == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("from django.utils.translation import gettext as t\nt('a' 'b')", Text("ab")),
        ("from django.utils.translation import gettext_lazy as _\nx = [_('a')]", Text("a")),
        (
            "from django.utils.translation import ngettext\nngettext('%(n)s a', '%(n)s b', n)",
            Text("%(n)s a", "%(n)s b"),
        ),
        (
            "from django.utils.translation import pgettext_lazy\npgettext_lazy('verb', 'sign')",
            Text("sign", None, "verb"),
        ),
    ],
)
def test_a_text_in_code_is_found(source, text):
    assert [call.text for call in calls(source)] == [text]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>{% translate 'Since' %}</p>", Text("Since")),
        ("{% translate 'May' context 'month' as month %}", Text("May", None, "month")),
        ("{{ name|default:_('nobody') }}", Text("nobody")),
        ("{% blocktranslate trimmed %}\n  One\n  two\n{% endblocktranslate %}", Text("One two")),
        (
            "{% blocktranslate count n=n %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}",
            Text("%(n)s a", "%(n)s b"),
        ),
    ],
)
def test_a_text_in_a_template_is_found(source, text):
    assert list(texts_of_template(source)) == [text]


# What a translation must keep

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def placeholders(*forms: str | None) -> set[str]:
    return {found for form in forms for found in PLACEHOLDER.findall(form or "")}


def test_every_placeholder_is_kept_in_every_form():
    # French counts nothing as one: even the form for one must say the number.
    different = {
        text: form
        for text, forms in french().items()
        for form in forms
        if form and placeholders(form) != placeholders(text.singular, text.plural)
    }
    assert different == {}


def tags(text: str | None) -> list[str]:
    return sorted(re.findall(r"</?\w+", text or ""))


def test_every_tag_is_kept():
    different = {
        text: form
        for text, forms in french().items()
        for form in forms
        if form and tags(form) not in (tags(text.singular), tags(text.plural))
    }
    assert different == {}


# How French is set

TAG = re.compile("<[^>]+>")
NOT_PROSE = re.compile(r"`[^`]*`|https?://\S*|[?&]\w+=\S*|" + PLACEHOLDER.pattern)
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
RULES = {
    "a straight quote or apostrophe": "['\"]",
    "English quotation marks": "[“”‘]",
    "no no-break space before : ; ! ? %": "(^|[^\u00a0\u202f])[:;!?%]",
    "no no-break space inside « »": "«[^\u00a0\u202f]|[^\u00a0\u202f]»",
    "three full stops for …": r"\.\.\.",
    "a plain 1 for the first of a month": rf"\b1 ({MONTHS})",
    "oe for œ": r"(?i)\b(c|s|v|n|b|man)?oeu",
    "a capital without its accent": r"\b(Etat|Ecole|Etude|Element|Editeur|Equipe|Evolution)",
    "two spaces": "  ",
}


def typography(text: str) -> list[str]:
    """What is wrong with how a French text is set; addresses, tags and code are left alone."""
    prose = NOT_PROSE.sub("x", html.unescape(TAG.sub("", text))).replace("%%", "%")
    return [fault for fault, rule in RULES.items() if re.search(rule, prose)]


def test_the_french_is_set_as_french_is():
    found = {form: typography(form) for forms in french().values() for form in forms}
    assert {form: faults for form, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "text",
    [
        "L’entreprise a signé le 1er octobre 2024.",
        "Pourquoi\u202f? Parce qu’elle l’a dit\u00a0: «\u00a0oui\u00a0».",
        "%(share)s\u00a0%% des %(count)s signataires",
        '<a href="%(url)s?status=signed">Voir</a>\u202f; <code>sort</code>',
        "Voir https://example.org/?q=a, ou `status: signed`.",
    ],
)
def test_well_set_french_is_left_alone(text):
    assert typography(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("L'entreprise", "a straight quote or apostrophe"),
        ("le “pacte”", "English quotation marks"),
        ("Pourquoi ?", "no no-break space before : ; ! ? %"),
        ("Source: %(name)s", "no no-break space before : ; ! ? %"),
        ("%(share)s%% des signataires", "no no-break space before : ; ! ? %"),
        ("« oui »", "no no-break space inside « »"),
        ("le 1 octobre 2024", "a plain 1 for the first of a month"),
        ("mise en oeuvre", "oe for œ"),
        ("Etats membres", "a capital without its accent"),
        ("Attendez...", "three full stops for …"),
    ],
)
def test_badly_set_french_is_found(text, fault):
    assert fault in typography(text)


# Text that no translation can reach


# Pages whose marks still stand outside a translation; put none here, take them out instead.
MARKED = {
    "templates/admin/_differences.html",
    "templates/admin/companies/company/_period.html",
    "templates/admin/companies/company/history.html",
    "templates/companies/_evidence.html",
    "templates/companies/record/record.html",
    "templates/companies/home/home.html",
}


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_text_is_hard_coded_in(path):
    left = hard_coded(path.read_text())
    if name_of(path) in MARKED:
        left = [text for text in left if re.search(r"[^\W\d_]", NAMES.sub("", text))]
    assert left == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>{% translate 'Since' %} {{ day }} · <code>status</code></p>",
        "{% blocktranslate %}Two <b>words</b>{% endblocktranslate %}{# a note #}",
        "{% comment %}Not shown{% endcomment %}<script>let english</script>",
        '<a href="{% url \'home\' %}" title="{% translate "Home" %}">PactWatch</a>',
        '<meta name="viewport" content="width=device-width">',
        '<b class="is-{{ status|default:"unknown" }}">{{ company.role|default:_("none") }}</b>',
        '{% if fr %}Français{% else %}English{% endif %}{% include "x.html" with kind="signed" %}',
        "{% block bodyclass %}change-form{% endblock bodyclass %}",
        '<a lang="fr" href="/fr/">Français</a> <a download>CSV</a>',
    ],
)
def test_a_template_that_translates_all_it_says_passes(template):
    assert hard_coded(template) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Since {{ day }}</p>",
        "{% if a %}yes{% endif %}",
        "{{ share }}%",
        "<dt>{% translate 'Since' %}:</dt>",
        '<nav aria-label="Main"></nav>',
        '<td data-label="Country"></td>',
        '<input type="submit" value="Search">',
        '<meta name="description" content="The register">',
        '{{ company.role|default:"none" }}',
        "{{ n }}{{ n|pluralize }}",
        '{% include "x.html" with heading="Who signed" %}',
    ],
)
def test_a_hard_coded_text_is_found(template):
    assert hard_coded(template)


@pytest.mark.parametrize("path", SPEAKING_CODE, ids=name_of)
def test_nothing_is_said_in_plain_english_by(path):
    assert spoken_plainly(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        'CharField(label="Name")',
        "class A:\n    verbose_name = 'thing'",
        "action.short_description = 'Apply'",
        'raise Http404("No such page")',
        'raise ValidationError(f"{name} is wrong")',
        'messages.success(request, "Saved.")',
    ],
)
def test_plain_english_in_code_is_found(source):
    assert len(spoken_plainly(source)) == 1


# What the models and the filters say

MODELS = [
    model
    for model in apps.get_app_config("companies").get_models()
    if not model.__name__.startswith("Historical")
]
FILTERS = [
    filterset
    for filterset in vars(queries).values()
    if isinstance(filterset, type) and issubclass(filterset, queries.StrictFilter)
]
# Fields that no form shows and that are named after the table they point to.
UNNAMED = {
    "Change.company", "Citation.company", "Citation.pledge", "Citation.report", "Citation.signing",
    "CompanyIdentifier.company", "CompanyName.company", "CompanyRedirect.company",
    "Correction.company", "ImportRun.pact", "Proposal.company", "Proposal.decided_by",
    "Proposal.run", "RegisterVersion.number",
}  # fmt: skip


def said_by_field(field: Field) -> Iterator[object]:
    if str(field) not in {f"companies.{name}" for name in UNNAMED}:
        yield field.verbose_name
    if field.help_text:
        yield field.help_text
    yield from (label for _value, label in field.choices or [])
    yield from (v.message for v in field.validators if isinstance(v, RegexValidator) and v.message)


def said_by_model(model) -> Iterator[object]:
    yield model._meta.verbose_name
    yield model._meta.verbose_name_plural
    for field in model._meta.concrete_fields:
        if field.editable and not field.primary_key:
            yield from said_by_field(field)
    for constraint in model._meta.constraints:
        yield constraint.violation_error_message


def untranslated(said: Iterator[object]) -> list[str]:
    """What is said in plain English, or in a text for which there is no French."""
    with override("en"):
        return [
            str(text)
            for text in said
            if not (isinstance(text, Promise) and (translated(str(text)) or by_django(text)))
        ]


def by_django(text: Promise) -> bool:
    """Whether Django itself has French for this text."""
    english = str(text)
    with override("fr"):
        return str(text) != english


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_all_that_a_model_says_can_be_read_in_french(model):
    assert untranslated(said_by_model(model)) == []


def test_every_choice_can_be_read_in_french():
    kinds = [kind for model in MODELS for kind in vars(model).values()] + list(
        vars(models).values()
    )
    choices = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Choices)}
    assert len(choices) > 10
    assert untranslated(label for kind in choices for _value, label in kind.choices) == []


@pytest.mark.parametrize("filterset", FILTERS, ids=lambda filterset: filterset.__name__)
def test_all_that_a_filter_says_can_be_read_in_french(filterset):
    declared = filterset.declared_filters.values()
    labels = [declared_filter.label for declared_filter in declared]
    helps = [declared_filter.extra.get("help_text") for declared_filter in declared]
    assert untranslated(text for text in [*labels, *helps] if text is not None) == []
    assert None not in labels


def test_a_name_django_derives_is_found():
    assert untranslated(iter(["company"])) == ["company"]


# What comes out

ADDRESSES = (
    "", "companies/", "companies/?pact=gpai-code", "companies/meta/", "companies/workday/",
    "absent/", "commitments/", "commitments/ai-literacy/", "pacts/", "pacts/eu-ai-pact/",
    "statistics/", "statistics/?as_of=2024-01-01", "reports/", "reports/?pact=gpai-code",
    "method/", "data/", "about/",
    "companies/?country=XX", "companies/nobody/",
)  # fmt: skip


@pytest.mark.django_db
def test_no_french_page_holds_a_text_that_stayed_english(client):
    call_command("load_register", stdout=StringIO())
    english = {text.singular for text, forms in french().items() if text.singular not in forms}
    left = {}
    for address in ADDRESSES:
        reader = Reader()
        reader.feed(client.get(f"/fr/{address}").content.decode())
        left[address] = {text.strip() for text in reader.seen} & english - {"English"}
    assert {address: found for address, found in left.items() if found} == {}


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (PartialDate.parse("2024-10-01"), "1er octobre 2024"),
        (PartialDate.parse("2024-10-11"), "11 octobre 2024"),
        (PartialDate.parse("2024-08"), "août 2024"),
        (PartialDate.parse("2024"), "2024"),
    ],
)
def test_a_date_is_written_as_french_writes_it(date, text):
    with override("fr"):
        assert when(date).replace("\u00a0", " ") == text
