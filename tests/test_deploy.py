"""The units of deploy/: whole, safe, and as docs/deploy.md describes them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from .systemd_units import parsed

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "deploy"
DOCS = (ROOT / "docs/deploy.md").read_text()
UNITS = sorted(path.name for path in FOLDER.glob("*.*") if path.suffix in (".service", ".timer"))
TIMERS = [name for name in UNITS if name.endswith(".timer")]
SERVICES = [name for name in UNITS if name.endswith(".service")]
OURS = [name for name in SERVICES if "@" not in name]  # those that run our code
SAFE = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
}


def unit(name):
    return parsed((FOLDER / name).read_text())


def only(name, section, key):
    (value,) = unit(name)[section][key]
    return value


def variables(text):
    """The variables that an environment file or the lines of a unit set, commented out or not."""
    return set(re.findall(r"^#?(?:Environment=)?([A-Z_]+)=", text, re.MULTILINE))


def documented_variables():
    table = DOCS.partition("## Environment variables")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))


def server(text):
    """How a text starts granian, from its interface on."""
    return re.search(r"granian (--interface .*)", text)[1]


def test_the_web_server_and_each_timer_have_a_systemd_unit():
    assert UNITS == [
        "pactwatch-alert.service",
        "pactwatch-alert.timer",
        "pactwatch-backup.service",
        "pactwatch-backup.timer",
        "pactwatch-deliver.service",
        "pactwatch-deliver.timer",
        "pactwatch-expire.service",
        "pactwatch-expire.timer",
        "pactwatch-failed@.service",
        "pactwatch-release.service",
        "pactwatch-release.timer",
        "pactwatch-sources.service",
        "pactwatch-sources.timer",
        "pactwatch-verify.service",
        "pactwatch-verify.timer",
        "pactwatch-watch.service",
        "pactwatch-watch.timer",
        "pactwatch-web.service",
    ]


@pytest.mark.parametrize("name", UNITS)
def test_the_docs_name_each_unit(name):
    stem, _dot, kind = name.rpartition(".")

    assert f"`{name}`" in DOCS or f"`{stem}.timer`, `.{kind}`" in DOCS


def test_the_docs_name_no_unit_that_is_not_there():
    named = set(re.findall(r"pactwatch-[\w@]+\.(?:service|timer)", DOCS))

    assert named <= set(UNITS)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("pactwatch-alert.service", "alert"),
        ("pactwatch-backup.service", "backup"),
        ("pactwatch-deliver.service", "deliver"),
        ("pactwatch-release.service", "release"),
        ("pactwatch-watch.service", "watch"),
        ("pactwatch-sources.service", "verify_sources"),
        ("pactwatch-verify.service", "verify_changes"),
        ("pactwatch-expire.service", "personal_data expire"),
    ],
)
def test_each_systemd_unit_runs_an_existing_command(name, command):
    line = only(name, "Service", "ExecStart")

    assert line == f"/opt/pactwatch/.venv/bin/python manage.py {command}"
    assert get_commands()[command.partition(" ")[0]].startswith("companies")


def test_nginx_keeps_no_form_and_no_private_link_in_any_language():
    """A location for each: one that is missing would also have its secrets in the log."""
    site = (FOLDER / "nginx.conf").read_text()
    kept_apart = {*re.findall(r"location (/[a-z/]+) \{ proxy_pass", site)}

    assert kept_apart >= {"/healthz", "/metrics"}
    for of in ("admin", "alerts", "check", "corrections", "webhooks"):
        assert kept_apart >= {
            f"/{of}" if code == settings.LANGUAGE_CODE else f"/{code}/{of}"
            for code, _name in settings.LANGUAGES
        }


def test_the_web_server_starts_only_after_manage_py_check_passes():
    line = only("pactwatch-web.service", "Service", "ExecStartPre")

    assert line == "/opt/pactwatch/.venv/bin/python manage.py check"


def test_the_web_server_starts_as_the_docs_say():
    assert server(only("pactwatch-web.service", "Service", "ExecStart")) == server(DOCS)


@pytest.mark.parametrize("name", TIMERS)
def test_each_timer_starts_an_existing_service_and_is_persistent(name):
    timer = unit(name)["Timer"]

    assert name.replace(".timer", ".service") in SERVICES
    assert timer["Persistent"] == ["true"]
    assert timer["RandomizedDelaySec"]
    assert unit(name)["Install"]["WantedBy"] == ["timers.target"]


def test_the_timer_that_deletes_expired_lists_runs_hourly():
    assert only("pactwatch-expire.timer", "Timer", "OnCalendar") == "hourly"


def test_the_watch_timer_runs_hourly_and_the_source_check_nightly():
    assert only("pactwatch-watch.timer", "Timer", "OnCalendar") == "hourly"
    assert only("pactwatch-verify.timer", "Timer", "OnCalendar") == "*-*-* 03:30:00"


def test_the_timer_that_verifies_cited_pages_runs_each_night():
    assert only("pactwatch-sources.timer", "Timer", "OnCalendar") == "*-*-* 01:30:00"


def test_the_timer_that_delivers_messages_runs_every_minute():
    assert only("pactwatch-deliver.timer", "Timer", "OnCalendar") == "minutely"
    assert only("pactwatch-deliver.timer", "Timer", "AccuracySec") == "5s"


@pytest.mark.parametrize("name", OURS)
def test_a_service_that_fails_is_logged(name):
    assert only(name, "Unit", "OnFailure") == "pactwatch-failed@%n.service"


def test_the_unit_that_logs_failures_does_not_trigger_itself():
    assert "OnFailure" not in unit("pactwatch-failed@.service")["Unit"]
    assert "<3>" in only("pactwatch-failed@.service", "Service", "ExecStart")


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_sandboxed(name):
    service = unit(name)["Service"]

    assert {key: service[key] for key in SAFE} == {key: [value] for key, value in SAFE.items()}
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    assert service["RestrictAddressFamilies"]
    assert service["MemoryMax"]
    assert service["TimeoutStartSec"]


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_as_its_own_user_and_writes_only_its_own_folder(name):
    service = unit(name)["Service"]

    assert service["User"] == service["Group"] == ["pactwatch"]
    assert service["WorkingDirectory"] == ["/opt/pactwatch"]
    assert service["StateDirectory"] == ["pactwatch"]
    assert service["ReadWritePaths"] == ["/var/lib/pactwatch"]
    assert service["EnvironmentFile"] == ["/etc/pactwatch/pactwatch.env"]


@pytest.mark.parametrize("name", OURS)
def test_the_docs_name_each_path_of_a_unit(name):
    text = re.sub(r"/\.venv/bin/\w+", "", (FOLDER / name).read_text())
    paths = {*re.findall(r"(?<![\w/:])/[a-z][\w./-]+", text)} - {"/bin/kill"}

    assert {"/opt/pactwatch", "/var/lib/pactwatch"} <= paths
    assert {path for path in paths if path not in DOCS} == set()


@pytest.mark.parametrize("name", [*OURS, "pactwatch.env"])
def test_each_variable_that_is_set_is_documented(name):
    assert variables((FOLDER / name).read_text()) <= documented_variables()


def test_the_example_environment_file_has_every_production_setting_and_no_secret():
    text = (FOLDER / "pactwatch.env").read_text()

    assert "\nSECRET_KEY=\n" in text
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "BEHIND_PROXY"} <= variables(text)


@pytest.mark.parametrize(
    "line", ["ExecStart /bin/true", "[Service\nType=oneshot", "Type=oneshot", "[S]\ntype=exec"]
)
def test_a_line_that_systemd_would_not_read_is_found(line):
    with pytest.raises(AssertionError):
        parsed(line)


def test_environment_variables_are_found_in_units_and_in_files():
    text = "Environment=ONE=1\nTWO=2\n#THREE=\n# Prose: A=1\nUser=x\n"

    assert variables(text) == {"ONE", "TWO", "THREE"}
