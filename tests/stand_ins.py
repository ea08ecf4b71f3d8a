"""Stands in for systemctl and apt-get where no systemd runs and no package can be fetched.

What systemctl starts are the lines of our units, as their user and with their variables; what a
unit forbids (ProtectSystem and the like) is not tried here. apt-get looks that each is installed.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from .systemd_units import parsed

UNITS = Path("/etc/systemd/system")
WEB = Path("/run/pactwatch-web.pid")
LOG = Path("/run/pactwatch-web.log")
NAMES = ("systemctl", "apt-get")


def put_in_place() -> None:
    for name in NAMES:
        path = Path("/usr/local/sbin", name)
        path.unlink(missing_ok=True)
        root = Path(__file__).parent.parent
        command = f'PYTHONPATH={root} exec {sys.executable} -m tests.stand_ins {name} "$@"'
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(0o755)


def apt_get(*arguments: str) -> None:
    if arguments[0] == "install":
        names = [name for name in arguments[1:] if not name.startswith("-")]
        subprocess.run(["dpkg-query", "--status", *names], check=True, stdout=subprocess.DEVNULL)


def systemctl(verb: str, *arguments: str) -> None:
    if verb == "daemon-reload":
        units = [str(path) for path in sorted(UNITS.glob("pactwatch-*"))]
        if shutil.which("systemd-analyze"):
            subprocess.run(["systemd-analyze", "verify", *units], check=True)
        return
    for name in arguments:
        if name == "nginx.service":
            nginx()
        elif name == "pactwatch-web.service":
            web(verb)
        elif name.endswith(".timer"):
            assert (UNITS / name).exists(), name
            assert (UNITS / name.replace(".timer", ".service")).exists(), name


def nginx() -> None:
    pid = Path("/run/nginx.pid")
    running = pid.exists() and pid.read_text().strip()  # `nginx -t` leaves an empty one
    subprocess.run(["nginx", *(["-s", "reload"] if running else [])], check=True)


def web(verb: str) -> None:
    if verb == "reload":
        os.kill(int(WEB.read_text()), signal.SIGHUP)
        return
    if verb in ("stop", "restart"):
        stop(int(WEB.read_text()))
    if verb in ("enable", "start", "restart"):
        process = run("pactwatch-web.service")
        WEB.write_text(str(process.pid))


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.05)


def run(unit: str) -> subprocess.Popen[bytes]:
    """Start the lines of a service as systemd would: in order, and the last left running."""
    service = parsed((UNITS / unit).read_text())["Service"]
    variables = {"PATH": os.environ["PATH"], "HOME": "/var/lib/pactwatch"}
    for path in service["EnvironmentFile"]:
        lines = Path(path).read_text().splitlines()
        variables |= dict(line.split("=", 1) for line in lines if line and line[0] != "#")
    variables |= dict(line.split("=", 1) for line in service["Environment"])
    with LOG.open("ab") as log:
        options = {
            "cwd": service["WorkingDirectory"][0],
            "env": variables,
            "user": service["User"][0],
            "group": service["Group"][0],
            "extra_groups": [],
            "umask": int(service["UMask"][0], 8),
            "stdin": subprocess.DEVNULL,
            "stdout": log,
            "stderr": log,
        }
        for line in service.get("ExecStartPre", []):
            subprocess.run(shlex.split(line), check=True, **options)
        [line] = service["ExecStart"]
        return subprocess.Popen(shlex.split(line), start_new_session=True, **options)


if __name__ == "__main__":
    {"systemctl": systemctl, "apt-get": apt_get}[sys.argv[1]](*sys.argv[2:])
