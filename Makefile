# PactWatch: `make run` serves the register, `make test` runs every test. `make` lists the rest.

PORT ?= 8000
ARGS ?=
PYTHON3 ?= python3
PYTHON := .venv/bin/python
PRODUCT := .venv/installed
TOOLS := .venv/installed-dev
LOADED := var/register-loaded
STATIC := var/static-collected
TRANSLATED := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

ADDRESS = http://127.0.0.1:$(PORT)
LOCAL = SECRET_KEY="$$(cat var/secret-key)" ALLOWED_HOSTS=127.0.0.1,localhost \
	DEBUG=off HTTPS=off SITE_URL=$(ADDRESS)
PRODUCTION = SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=register.example.org DEBUG=off HTTPS=on
COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 --no-header --no-emit-index-url

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*  ## /\1	/p' $(MAKEFILE_LIST) | expand -t 12

# Serving

run: port $(PRODUCT) $(LOADED) $(STATIC) $(TRANSLATED)  ## serve the register on PORT (8000), setting up what is missing
	@echo
	@echo "  PactWatch   $(ADDRESS)/"
	@echo "  API         $(ADDRESS)/api/v1/"
	@echo "  Admin       $(ADDRESS)/admin/   (make editor ARGS=your-name creates a login)"
	@echo
	@echo "  Ctrl-C stops it."
	@echo
	@$(LOCAL) $(PYTHON) -m granian --interface wsgi --host 127.0.0.1 --port $(PORT) \
		--blocking-threads 4 --log-level warning pactwatch.wsgi:application

editor: $(PRODUCT) $(LOADED)  ## create an editor's login for /admin/
	@$(LOCAL) $(PYTHON) manage.py create_editor $(ARGS)

port:
	@command -v $(PYTHON3) > /dev/null || { \
		echo "PactWatch needs Python 3.11 or newer and found no $(PYTHON3)."; \
		echo "Debian and Ubuntu: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON3) -c 'import socket as s; x = s.socket(); x.setsockopt(s.SOL_SOCKET, s.SO_REUSEADDR, 1); \
		x.bind(("127.0.0.1", int("$(PORT)")))' 2> /dev/null || { \
		echo "Cannot listen on 127.0.0.1:$(PORT): another program uses this port, or it is not allowed."; \
		echo "Choose another: make run PORT=8001"; exit 1; }

# A database this Makefile did not set up, or a file that is gone, is always prepared anew.
ifneq ($(DATABASE_URL)$(if $(wildcard var/pactwatch.sqlite3),,missing),)
.PHONY: $(LOADED)
endif
$(LOADED): $(PRODUCT) var/secret-key $(shell find companies/migrations companies/data -type f ! -name "*.pyc" 2> /dev/null)
	@echo "Loading the register."
	@$(LOCAL) $(PYTHON) manage.py migrate --verbosity 0
	@$(LOCAL) $(PYTHON) manage.py load_register --if-empty
	@touch $@

$(STATIC): $(PRODUCT) var/secret-key $(shell find static companies/static -type f 2> /dev/null)
	@$(LOCAL) $(PYTHON) manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@

%.mo: %.po $(PRODUCT)
	@$(PYTHON) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@ \
		--locale $(word 2,$(subst /, ,$@))

var/secret-key:
	@mkdir -p var
	@umask 077 && $(PYTHON3) -c 'import secrets; print(secrets.token_urlsafe(50))' > $@

# Installing

$(PRODUCT): requirements.txt
	@command -v $(PYTHON3) > /dev/null && $(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PactWatch needs Python 3.11 or newer; this is: $$($(PYTHON3) --version 2>&1 | head -n 1)"; \
		echo "With a newer one elsewhere: make PYTHON3=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON3) -c 'import venv, ensurepip' 2> /dev/null || { \
		echo "Python's venv module is missing."; \
		echo "Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@test -x $(PYTHON) || { echo "Creating .venv."; $(PYTHON3) -m venv --clear .venv; }
	@echo "Installing $<."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { \
		echo "pip could not install $<; its reason is above."; \
		echo "Check the network (behind a proxy: set HTTPS_PROXY), then run make again."; exit 1; }
	@touch $@

$(TOOLS): requirements-dev.txt $(PRODUCT)
	@echo "Installing $<."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || { \
		echo "pip could not install $<; its reason is above."; \
		echo "Check the network (behind a proxy: set HTTPS_PROXY), then run make again."; exit 1; }
	@touch $@

# Testing

test: $(TOOLS) $(TRANSLATED) chromium  ## run every test on SQLite, on PostgreSQL and in Chromium (ARGS="-k name")
	@$(PYTHON) -m tests $(ARGS)

chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name > /dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends chromium > /dev/null \
		|| echo "Chromium could not be installed; the browser tests will be skipped."; \
	else \
		echo "No Chromium: the browser tests will be skipped."; \
		echo "Debian: sudo apt-get install chromium"; \
	fi

bench: $(TOOLS) $(TRANSLATED)  ## measure speed (ARGS are passed on)
	@$(PYTHON) -m benchmarks $(ARGS)

# Checking

check: lint types templates migrations deploy architecture locks  ## lint, types, templates, migrations, deployment, locks

lint: $(TOOLS)
	$(PYTHON) -m ruff check --quiet .
	$(PYTHON) -m ruff format --check --quiet .

types: $(TOOLS)
	@$(PRODUCTION) $(PYTHON) -m mypy

templates: $(TOOLS)
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade --check

migrations: $(TOOLS)
	@$(PRODUCTION) $(PYTHON) manage.py makemigrations --check --dry-run

deploy: $(TOOLS)
	@$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

architecture: $(TOOLS)
	@$(PYTHON) -m pytest --quiet tests/test_architecture.py

locks: $(TOOLS)
	@mkdir -p var/locks
	@cp requirements.txt requirements-dev.txt var/locks
	@for name in requirements requirements-dev; do \
		$(COMPILE) $$name.in -o var/locks/$$name.txt > /dev/null || { \
			echo "uv could not compile $$name.in; its reason is above (is the package index reachable?)."; \
			exit 1; }; \
		cmp --silent $$name.txt var/locks/$$name.txt || { \
			echo "$$name.txt is out of step with $$name.in: run 'make lock'."; exit 1; }; \
	done

# Upkeep

lock: $(TOOLS)  ## rewrite requirements*.txt from requirements*.in (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) requirements.in -o requirements.txt > /dev/null
	$(COMPILE) $(ARGS) requirements-dev.in -o requirements-dev.txt > /dev/null

format: $(TOOLS)  ## rewrite code and templates in the house style
	$(PYTHON) -m ruff check --quiet --fix .
	$(PYTHON) -m ruff format --quiet .
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade

messages: $(PRODUCT)  ## bring the catalogues up to date with templates and code (needs GNU gettext)
	@command -v xgettext > /dev/null && command -v msgmerge > /dev/null || { \
		echo "make messages needs GNU gettext, which is not installed."; \
		echo "Debian and Ubuntu: sudo apt-get install gettext"; exit 1; }
	@$(PRODUCTION) $(PYTHON) manage.py makemessages --extension html,py,svg,txt,xml \
		--ignore benchmarks --ignore tests --ignore var --ignore "requirements*.txt" \
		--add-location file --no-obsolete

clean:  ## remove what make set up, the local register included
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache test-results $(TRANSLATED)

.DELETE_ON_ERROR:
.PHONY: help run editor port test chromium bench check lint types templates migrations deploy \
	architecture locks lock format messages clean
