"""The Containerfile and the compose file, as far as they can be tried without a builder."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .test_first_run import environment, free_port, served

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "deploy/Containerfile").read_text()
STEPS = [line.split(" ", 1) for line in TEXT.splitlines() if line and not line.startswith("#")]
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "manage")
HOST = "register.example.org"
# Of the machine, or of the network: the packages are installed, the tests run in them.
NOT_TRIED = ("apt-get", "useradd", "python3 -m venv", ".venv/bin/pip")


def lines(instruction):
    return [rest for name, rest in STEPS if name == instruction]


def test_each_line_of_the_containerfile_is_a_valid_instruction():
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK"}

    assert {name for name, _rest in STEPS} == known | {"CMD"}


def test_each_base_image_has_a_tag():
    images = [line.split()[0] for line in lines("FROM")] + [SERVICES["database"]["image"]]

    assert [image for image in images if not re.fullmatch(r"[\w./]+:\d[\w.-]+", image)] == []


def test_the_image_copies_only_existing_paths_and_every_installed_app():
    copied = [path for line in lines("COPY") if "--from" not in line for path in line.split()[:-1]]

    assert [path for path in copied if not (ROOT / path).exists()] == []
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"pactwatch"}
    assert packages <= {*copied}


def test_the_program_does_not_run_as_root_and_begins_with_a_health_check():
    names = [name for name, _rest in STEPS]

    assert lines("USER") == ["pactwatch"]
    assert names.index("USER") < names.index("HEALTHCHECK") < names.index("CMD")
    assert all(SERVICES[name]["cap_drop"] == ["ALL"] for name in OURS)
    assert all(SERVICES[name]["read_only"] for name in OURS)


def test_the_compose_web_server_waits_for_migrations_and_listens_on_localhost_only():
    waits = SERVICES["web"]["depends_on"]["migrate"]["condition"]

    assert waits == "service_completed_successfully"
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "migrate" in SERVICES["migrate"]["command"][-1]
    assert "ports" not in SERVICES["database"]


def test_the_compose_file_contains_no_secret():
    assert all(
        re.fullmatch(r"\$\{\w+:\?\}", SERVICES["web"]["environment"][name])
        for name in ("SECRET_KEY", "ALLOWED_HOSTS")
    )


@pytest.fixture
def image(tmp_path):
    """The folder that the first stage of the image fills."""
    for line in lines("COPY"):
        if "--from" in line:
            continue
        *paths, _where = line.split()
        for path in paths:
            source = ROOT / path
            if source.is_dir():
                ignored = shutil.ignore_patterns("*.mo", "__pycache__")
                shutil.copytree(source, tmp_path / path, ignore=ignored, dirs_exist_ok=True)
            else:
                shutil.copy(source, tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.mark.long
def test_the_image_builds_starts_and_becomes_healthy(image):
    for command in lines("RUN"):
        if not command.startswith(NOT_TRIED):
            subprocess.run(["sh", "-ec", command], cwd=image, env=environment(), check=True)
    variables = {
        "SECRET_KEY": "k3y-Abc" * 10,
        "ALLOWED_HOSTS": HOST,
        "BEHIND_PROXY": "on",
        "DATABASE_URL": f"sqlite:///{image}/register.sqlite3",
        "RECORDED_DIR": f"{image}/recorded",
    }
    migrate = ["sh", "-ec", SERVICES["migrate"]["command"][-1]]
    subprocess.run(migrate, cwd=image, env=environment(**variables), check=True)
    [start], [check] = lines("CMD"), lines("HEALTHCHECK")
    port = str(free_port())
    command = shlex.join(yaml.safe_load(start)).replace("8000", port)
    healthy = yaml.safe_load(check.partition(" CMD ")[2].replace("8000", port))

    with served(image, f"exec {command}", port, **variables) as get:
        assert "signataires" in get("/fr/")
        asked = subprocess.run(healthy, cwd=image, env=environment(**variables))
    assert asked.returncode == 0
    assert subprocess.run(healthy, cwd=image, env=environment(**variables)).returncode != 0
