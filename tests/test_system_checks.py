"""The system check that each catalogue of translations is compiled from its source as it is."""

import os
import subprocess
import sys

import pytest
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from pactwatch.system_checks import check_catalogues, compile_catalogue

SOURCE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "signed"
msgstr "signataire"

msgctxt "in a sentence"
msgid "signed"
msgstr "a signé"

msgid "%(number)s source"
msgid_plural "%(number)s sources"
msgstr[0] "%(number)s source"
msgstr[1] "%(number)s sources"

msgid "not translated yet"
msgstr ""
"""


@pytest.fixture
def source(tmp_path, settings):
    """The source of a catalogue, the only one of the settings."""
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    settings.LOCALE_PATHS = [tmp_path]
    return path


def compile_beside(source):
    source.with_suffix(".mo").write_bytes(compile_catalogue(source))


def ids():
    return [error.id for error in check_catalogues()]


def test_a_catalogue_that_is_not_compiled_is_an_error_that_says_how(source):
    [error] = check_catalogues()

    assert (error.id, error.msg) == ("pactwatch.E001", f"{source.with_suffix('.mo')} is missing.")
    assert error.hint == "Run: .venv/bin/pybabel compile --directory locale --domain django"
    assert error.level == checks.ERROR


def test_a_compiled_catalogue_is_accepted_whatever_its_modification_time(source):
    compile_beside(source)
    os.utime(source.with_suffix(".mo"), (0, 0))

    assert ids() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("signataire", "signée"),
        ("a signé", "signa"),
        ('msgstr[1] "%(number)s sources"', 'msgstr[1] "%(number)s références"'),
        ('msgid "signed"\nmsgstr', 'msgid "Signed"\nmsgstr'),
        (
            'msgid "not translated yet"\nmsgstr ""',
            'msgid "not translated yet"\nmsgstr "non"',
        ),
    ],
)
def test_a_text_changed_since_the_catalogue_was_compiled_is_an_error(source, old, new):
    compile_beside(source)
    source.write_text(SOURCE.replace(old, new))
    os.utime(source, (0, 0))

    assert ids() == ["pactwatch.E002"]

    compile_beside(source)

    assert ids() == []


def test_a_changed_comment_in_the_catalogue_is_not_an_error(source):
    compile_beside(source)
    source.write_text(SOURCE.replace('msgid "not', '#: somewhere/else.py\nmsgid "not'))

    assert ids() == []


@pytest.mark.parametrize("content", [b"", b"\xde\x12\x04\x95", b"no catalogue at all, but a text"])
def test_a_damaged_catalogue_is_an_error(source, content):
    source.with_suffix(".mo").write_bytes(content)

    assert ids() == ["pactwatch.E002"]


def test_a_truncated_catalogue_is_an_error(source):
    compile_beside(source)
    compiled = source.with_suffix(".mo")
    compiled.write_bytes(compiled.read_bytes()[:-40])

    assert ids() == ["pactwatch.E002"]


def test_the_documented_command_compiles_the_catalogue(source, tmp_path):
    [error] = check_catalogues()
    command = error.hint.partition("pybabel ")[2].replace("locale", str(tmp_path)).split()

    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *command], check=True)

    assert ids() == []


def test_manage_py_check_and_commands_with_system_checks_refuse_it(source):
    with pytest.raises(SystemCheckError, match=r"pactwatch\.E001"):
        call_command("check")
    with pytest.raises(SystemCheckError, match=r"pactwatch\.E001"):
        call_command("load_register", skip_checks=False)


def test_the_catalogues_of_this_checkout_are_compiled():
    assert ids() == []
