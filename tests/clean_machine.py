"""A machine like this one without PactWatch: root of a namespace of its own, with no network.

`python -m tests.clean_machine SCRIPT` runs a Python module there. What a program writes below these
folders is gone afterwards. No systemd runs: tests/stand_ins.py starts what its units say.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OWN = ("etc", "opt", "var", "usr/local")
NEEDED = ("unshare", "nginx", "pg_createcluster", "runuser", "git", "openssl", "curl")
SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENTER = ("unshare", "--mount", "--net", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc")


def reason_against() -> str:
    """Why this machine cannot be copied; "" where it can."""
    if os.geteuid():
        return "only root can follow docs/deploy.md"
    missing = [name for name in NEEDED if not shutil.which(name, path=SEARCHED)]
    if missing:
        return f"there is no {missing[0]}"
    probe = subprocess.run([*ENTER, *python("tests.clean_machine", "this")], capture_output=True)
    return "" if probe.returncode == 0 else f"no machine of its own: {probe.stderr.decode()[-200:]}"


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def in_a_clean_machine(module: str, wheels: Path) -> subprocess.CompletedProcess[str]:
    """Run a module there; pip finds its packages in a folder."""
    return subprocess.run(
        [*ENTER, *python("tests.clean_machine", module)],
        cwd=ROOT,
        env={
            "PATH": SEARCHED,
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def make_it_clean() -> None:
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "tmpfs", "/mnt")
    for name in OWN:
        upper, work = (Path("/mnt", kind, name) for kind in ("upper", "work"))
        upper.mkdir(parents=True)
        work.mkdir(parents=True)
        layers = f"lowerdir=/{name},upperdir={upper},workdir={work}"
        mount("-t", "overlay", "overlay", "-o", layers, f"/{name}")
    mount("-t", "tmpfs", "tmpfs", "/run")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def main(module: str, *arguments: str) -> None:
    make_it_clean()
    os.execv(sys.executable, python(module, *arguments))  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
