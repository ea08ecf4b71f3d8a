"""PactWatch's settings, with static files in the scratch folder and the invent_register command."""

from pathlib import Path

from pactwatch.settings import *  # noqa: F403  # all but what follows is the same
from pactwatch.settings import INSTALLED_APPS, env

STATIC_ROOT = Path(env.str("BENCHMARK_STATIC_ROOT"))
INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks"]
