"""The French translation: complete, in French typography, and without hard-coded text.

When a text is missing or unused: `make messages`, then translate what it left empty.
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
from companies.templatetags.register import since_word, typeset, when
from tests.translatable_texts import (
    NAMES,
    Reader,
    Text,
    calls,
    hard_coded,
    spoken_plainly,
    texts_of_template,
)

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "locale/fr/LC_MESSAGES/django.po"
CODE = sorted(
    path
    for folder in ("accounts", "companies", "pactwatch")
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
# What programs and agents read is in English.
FOR_PROGRAMS = {ROOT / "companies/api", ROOT / "companies/agents"}
SPEAKING_CODE = [path for path in CODE if not FOR_PROGRAMS & {*path.parents}]
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and path not in ENGLISH_ONLY]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Completeness


@cache
def texts() -> dict[Text, str]:
    """Every text marked for translation, with the first file that has it."""
    found: dict[Text, str] = {}
    for path in CODE:
        for call in calls(path.read_text()):
            if call.is_literal:
                found.setdefault(call.text, relative(path))
    for path in TEMPLATES:
        for text in texts_of_template(path.read_text()):
            found.setdefault(text, relative(path))
    return found


@cache
def catalogue() -> Catalog:
    return read_po(BytesIO(CATALOGUE.read_bytes()), locale="fr", abort_invalid=True)


@cache
def french() -> dict[Text, tuple[str, ...]]:
    """Every text of the catalogue with its translation, in one form or two."""
    found = {}
    for message in catalogue():
        if message.id:
            ids = (message.id,) if isinstance(message.id, str) else message.id
            forms = (message.string,) if isinstance(message.string, str) else message.string
            text = Text(ids[0], ids[1] if len(ids) > 1 else None, message.context)
            found[text] = tuple(forms)
    return found


def translated(text: str) -> bool:
    """Whether the catalogue has a complete translation of an English text."""
    return any(text == known.singular and all(forms) for known, forms in french().items())


def test_every_text_is_translated():
    missing = {text: path for text, path in texts().items() if not all(french().get(text, [""]))}
    assert missing == {}, "Run `make messages` and translate what it left empty."


def test_the_catalogue_has_no_unused_text():
    unused = [text for text in french() if text not in texts()]
    assert unused == [], "Run `make messages`."
    assert not catalogue().obsolete


def test_no_translation_is_marked_fuzzy():
    assert not catalogue().fuzzy
    assert [message.id for message in catalogue() if message.fuzzy] == []


def test_plural_texts_have_two_forms():
    assert catalogue().num_plurals == 2
    wrong = [text for text, forms in french().items() if len(forms) != (2 if text.plural else 1)]
    assert wrong == []


def test_every_translation_call_can_be_extracted():
    found = [(relative(path), call) for path in CODE for call in calls(path.read_text())]
    assert [one for one in found if one[1].name not in {"_", "_t", one[1].function}] == []
    assert [one for one in found if not one[1].is_literal] == []


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
def test_the_parser_finds_translated_texts_in_code(source, text):
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
def test_the_parser_finds_texts_in_templates(source, text):
    assert list(texts_of_template(source)) == [text]


# Placeholders and tags

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def placeholders(*forms: str | None) -> set[str]:
    return {found for form in forms for found in PLACEHOLDER.findall(form or "")}


def test_translations_keep_every_placeholder():
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


def test_translations_keep_every_tag():
    different = {
        text: form
        for text, forms in french().items()
        for form in forms
        if form and tags(form) not in (tags(text.singular), tags(text.plural))
    }
    assert different == {}


# Typography

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
    """Mistakes in the typography of a French text outside URLs, tags and code."""
    prose = NOT_PROSE.sub("x", html.unescape(TAG.sub("", text))).replace("%%", "%")
    return [fault for fault, rule in RULES.items() if re.search(rule, prose)]


def test_translations_follow_french_typography():
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
def test_the_typography_check_accepts_correct_french(text):
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
def test_the_typography_check_finds_mistakes(text, fault):
    assert fault in typography(text)


# Hard-coded text


# Templates with punctuation outside a translation: shorten this list, never extend it.
MARKED = {
    "templates/admin/_differences.html",
    "templates/admin/companies/company/_period.html",
    "templates/admin/companies/company/history.html",
    "templates/companies/_evidence.html",
    "templates/companies/record/record.html",
    "templates/companies/home/home.html",
}


def untranslated_in(path):
    left = hard_coded(path.read_text())
    if relative(path) in MARKED:
        left = [text for text in left if re.search(r"[^\W\d_]", NAMES.sub("", text))]
    return left


def test_no_template_has_untranslated_text():
    found = {relative(path): untranslated_in(path) for path in PAGES}
    assert {path: texts for path, texts in found.items() if texts} == {}


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
def test_the_check_for_hard_coded_text_accepts_translated_templates(template):
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
def test_the_check_for_hard_coded_text_finds_untranslated_text(template):
    assert hard_coded(template)


def test_no_module_has_an_untranslated_message():
    found = {relative(path): spoken_plainly(path.read_text()) for path in SPEAKING_CODE}
    assert {path: texts for path, texts in found.items() if texts} == {}


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
def test_the_check_for_untranslated_messages_finds_them(source):
    assert len(spoken_plainly(source)) == 1


# Models and filters

ON_NO_SCREEN = {"CompanyRow", "NameKey", "ReadTable", "StatusRow"}
MODELS = [
    model
    for model in apps.get_app_config("companies").get_models()
    if not model.__name__.startswith("Historical") and model.__name__ not in ON_NO_SCREEN
]
FILTERS = [
    filterset
    for filterset in vars(queries).values()
    if isinstance(filterset, type) and issubclass(filterset, queries.StrictFilter)
]
# Foreign keys that no form shows, with the verbose name that Django derives.
UNNAMED = {
    "Change.company", "Citation.company", "Citation.pledge", "Citation.report", "Citation.signing",
    "CompanyIdentifier.company", "CompanyName.company", "CompanyRedirect.company",
    "Correction.company", "ImportRun.pact", "Proposal.company", "Proposal.decided_by",
    "Proposal.run", "RegisterVersion.number",
}  # fmt: skip


def texts_of_field(field: Field) -> Iterator[object]:
    if str(field) not in {f"companies.{name}" for name in UNNAMED}:
        yield field.verbose_name
    if field.help_text:
        yield field.help_text
    yield from (label for _value, label in field.choices or [])
    yield from (v.message for v in field.validators if isinstance(v, RegexValidator) and v.message)


def texts_of_model(model) -> Iterator[object]:
    yield model._meta.verbose_name
    yield model._meta.verbose_name_plural
    for field in model._meta.concrete_fields:
        if field.editable and not field.primary_key:
            yield from texts_of_field(field)
    for constraint in model._meta.constraints:
        yield constraint.violation_error_message


def untranslated(said: Iterator[object]) -> list[str]:
    """The texts that are not marked for translation or not translated."""
    with override("en"):
        return [
            str(text)
            for text in said
            if not (
                isinstance(text, Promise)
                and (translated(str(text)) or is_translated_by_django(text))
            )
        ]


def is_translated_by_django(text: Promise) -> bool:
    """Whether Django itself translates this text."""
    english = str(text)
    with override("fr"):
        return str(text) != english


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_labels_and_messages_of_a_model_are_translated(model):
    assert untranslated(texts_of_model(model)) == []


def test_choices_are_translated():
    kinds = [kind for model in MODELS for kind in vars(model).values()] + list(
        vars(models).values()
    )
    choices = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Choices)}
    assert len(choices) > 10
    assert untranslated(label for kind in choices for _value, label in kind.choices) == []


@pytest.mark.parametrize("filterset", FILTERS, ids=lambda filterset: filterset.__name__)
def test_labels_and_help_of_a_filter_are_translated(filterset):
    declared = filterset.declared_filters.values()
    labels = [declared_filter.label for declared_filter in declared]
    helps = [declared_filter.extra.get("help_text") for declared_filter in declared]
    assert untranslated(text for text in [*labels, *helps] if text is not None) == []
    assert None not in labels


def test_the_check_for_untranslated_labels_finds_a_derived_verbose_name():
    assert untranslated(iter(["company"])) == ["company"]


# Pages and dates

PATHS = (
    "", "companies/", "companies/?pact=gpai-code", "companies/meta/", "companies/workday/",
    "absent/", "commitments/", "commitments/ai-literacy/", "pacts/", "pacts/eu-ai-pact/",
    "statistics/", "statistics/?as_of=2024-01-01", "reports/", "reports/?pact=gpai-code",
    "method/", "data/", "about/",
    "companies/?country=XX", "companies/nobody/",
)  # fmt: skip


@pytest.mark.django_db
def test_no_french_page_has_english_text(client):
    call_command("load_register", stdout=StringIO())
    english = {text.singular for text, forms in french().items() if text.singular not in forms}
    left = {}
    for path in PATHS:
        reader = Reader()
        reader.feed(client.get(f"/fr/{path}").content.decode())
        left[path] = {text.strip() for text in reader.seen} & english - {"English"}
    assert {path: found for path, found in left.items() if found} == {}


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (PartialDate.parse("2024-10-01"), "1er octobre 2024"),
        (PartialDate.parse("2024-10-11"), "11 octobre 2024"),
        (PartialDate.parse("2024-08"), "août 2024"),
        (PartialDate.parse("2024"), "2024"),
    ],
)
def test_dates_are_in_french_form(date, text):
    with override("fr"):
        assert when(date).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("93 (42 %) hors UE", "93 (42~%) hors UE"),
        ("« pour le moment » ; plus tard ?", "«~pour le moment~»_; plus tard_?"),
        ("Répertoire : 28", "Répertoire~: 28"),
        ("«~déjà~» et 3~%", "«~déjà~» et 3~%"),
    ],
)
def test_french_text_typed_by_an_editor_gets_its_no_break_spaces(typed, shown):
    def spaced(text):
        return text.replace("~", "\u00a0").replace("_", "\u202f")

    with override("fr"):
        assert typeset(spaced(typed)) == spaced(shown)
    with override("en"):
        assert typeset(spaced(typed)) == spaced(typed)


@pytest.mark.parametrize(
    ("precision", "word"), [("day", "Depuis le"), ("month", "Depuis"), ("year", "Depuis")]
)
def test_the_french_word_before_a_start_date_depends_on_its_precision(precision, word):
    with override("fr"):
        assert since_word(precision) == word
