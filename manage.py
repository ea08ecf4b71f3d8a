#!/usr/bin/env python
"""Django's command line for PactWatch."""

import sys


def main() -> None:
    try:
        from pactwatch.startup import run_command
    except ModuleNotFoundError as error:
        sys.exit(f"{error}. `make run` installs PactWatch; then: .venv/bin/python manage.py ...")
    run_command(sys.argv)


if __name__ == "__main__":
    main()
