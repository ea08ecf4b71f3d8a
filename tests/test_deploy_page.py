"""docs/deploy.md, followed by root on a clean machine; tests/test_first_run.py does the rest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .clean_machine import in_a_clean_machine, reason_against

ROOT = Path(__file__).parent.parent


@pytest.mark.long
@pytest.mark.skipif("TEST_MOMENT" in os.environ, reason="the same at every moment: ten minutes")
def test_docs_deploy_can_be_followed_line_by_line(tmp_path):
    if reason := reason_against():
        pytest.skip(reason)
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes"]
    fetched = subprocess.run(
        [*fetch, "-r", "requirements.txt", "--dest", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if fetched.returncode:
        pytest.skip(f"no packages to install: {fetched.stderr[-200:]}")

    followed = in_a_clean_machine("tests.following_deploy", tmp_path)

    print(followed.stdout)
    assert followed.returncode == 0, followed.stdout
    for what in ("a reload", "an upgrade", "a roll back"):
        assert f"lost at {what}: 0 " in followed.stdout
    assert followed.stdout.endswith("followed\n")
