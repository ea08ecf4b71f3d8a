# PactWatch: `make run` serves the register, `make test` tests it. `make` lists the rest.

PORT ?= 8000
ARGS ?=
# The system's own Python is compiled with optimisation by profile, one that pyenv compiles is not:
# tests took 9.9 s of processor time with that, 7.4 s with this.
ifndef PYTHON3
PYTHON3 := $(shell /usr/bin/python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	2> /dev/null && echo /usr/bin/python3 || echo python3)
endif
PYTHON := .venv/bin/python
PRODUCT := .venv/installed
TOOLS := .venv/installed-dev
LOADED := var/register-loaded
STATIC := var/static-collected
LOCKED := var/locks/checked
SCANNED := var/locks/scanned
SOURCES := $(shell find accounts benchmarks companies pactwatch tools manage.py -name "*.py" 2> /dev/null)
TRANSLATED := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

ADDRESS = http://127.0.0.1:$(PORT)
# The server answers /healthz/live itself, also while every thread of the program is busy.
LIVE = --static-path-route /healthz/live --static-path-mount deploy/live \
	--static-path-dir-to-file live.txt --static-path-expires 0
LOCAL = SECRET_KEY="$$(cat var/secret-key)" ALLOWED_HOSTS=127.0.0.1,localhost \
	DEBUG=off HTTPS=off REQUIRE_SECOND_FACTOR=off SITE_URL=$(ADDRESS)
# What manage.py reads where the environment names no site; the values are literal.
WRITE_LOCAL_ENV = umask 077 && printf '%s\n' $(LOCAL) $${DATABASE_URL:+"DATABASE_URL=$$DATABASE_URL"} \
	> var/local.env.new && mv var/local.env.new var/local.env
PRODUCTION = SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=register.example.org DEBUG=off HTTPS=on \
	CONTACT_EMAIL=register@example.org SECURITY_CONTACT=mailto:security@example.org \
	OPERATOR=x OPERATOR_ADDRESS=x PUBLICATION_DIRECTOR=x HOSTING_PROVIDER=x FUNDING=x
COMPILE = $(PYTHON) -m uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 --no-header --no-emit-index-url

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*  ## /\1	/p' $(MAKEFILE_LIST) | expand -t 12

# Serving

run: port $(PRODUCT) $(TRANSLATED) $(LOADED) $(STATIC)  ## serve the register on PORT (8000), setting up what is missing
	@echo
	@echo "  PactWatch   $(ADDRESS)/"
	@echo "  API         $(ADDRESS)/api/v1/"
	@echo "  Admin       $(ADDRESS)/admin/   (make editor ARGS=your-name creates a login)"
	@echo "  Commands    .venv/bin/python manage.py help"
	@echo
	@echo "  Ctrl-C stops it."
	@echo
	@$(WRITE_LOCAL_ENV)
	@$(LOCAL) $(PYTHON) -m granian --interface wsgi --host 127.0.0.1 --port $(PORT) \
		--blocking-threads 4 $(LIVE) --log-level warning pactwatch.wsgi:application

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
# The catalogues come first: without them the site would answer in English under /fr/.
$(LOADED): $(PRODUCT) var/secret-key $(shell find accounts/migrations companies/migrations companies/data -type f ! -name "*.pyc" 2> /dev/null) \
	| $(TRANSLATED)
	@echo "$(if $(wildcard $@),Bringing the register up to date.,Loading the register.)"
	@$(LOCAL) $(PYTHON) manage.py migrate --verbosity $(if $(wildcard $@),1,0)
	@$(LOCAL) $(PYTHON) manage.py load_register --if-empty
	@$(LOCAL) $(PYTHON) manage.py offer_package
	@touch $@

$(STATIC): $(PRODUCT) var/secret-key $(shell find static companies/static -type f 2> /dev/null) | $(TRANSLATED)
	@$(LOCAL) $(PYTHON) manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@

%.mo: %.po $(PRODUCT)
	@$(PYTHON) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@ \
		--locale $(word 2,$(subst /, ,$@))

var/secret-key:
	@mkdir -p var
	@umask 077 && $(PYTHON3) -c 'import secrets; print(secrets.token_urlsafe(50))' > $@

var/local.env: var/secret-key
	@$(WRITE_LOCAL_ENV)

# Every day: commands of manage.py for the register that `make run` serves

# Another database than that of var/: DATABASE_URL=... make run, which var/local.env then names.
ifeq ($(DATABASE_URL),)
MANAGE = env -u SECRET_KEY -u ALLOWED_HOSTS -u DATABASE_URL $(PYTHON) manage.py
ELSEWHERE := $(shell grep -s ^DATABASE_URL= var/local.env)
else
MANAGE = $(LOCAL) $(PYTHON) manage.py
endif
READY = $(PRODUCT) $(TRANSLATED) $(if $(ELSEWHERE),,$(LOADED)) var/local.env

editor: $(READY)  ## create an editor's login for /admin/ (ARGS=name)
	@$(MANAGE) create_editor $(ARGS)

watch: $(READY)  ## read the official lists that are due (ARGS="--pact eu-ai-pact --dry-run")
	@$(MANAGE) watch $(ARGS)

load: $(READY)  ## load companies/data or another data package (ARGS="--dry-run" or "DIR --replace")
	@$(MANAGE) load_register $(ARGS)

dump: $(READY)  ## write the register as a data package (ARGS=DIR)
	@$(MANAGE) dump_register $(ARGS)

drill: $(READY)  ## restore a backup to an empty database and compare it (ARGS=DIR for one that exists)
	@$(MANAGE) drill $(ARGS)

backup: $(READY)  ## back the register up (ARGS=DIR), encrypted where BACKUP_KEY is set
	@$(MANAGE) backup $(ARGS)

verify: $(READY)  ## check that the public history was not altered and the pledges follow from the periods
	@$(MANAGE) verify_changes $(ARGS)

shell: $(READY)  ## open a Python shell with the models imported (ARGS="-c code")
	@$(MANAGE) shell $(ARGS)

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

test: $(TOOLS) $(TRANSLATED) chromium  ## run the tests on SQLite, on PostgreSQL and in Chromium (ARGS="-k name")
	@$(PYTHON) -m tests $(ARGS)

test-all: $(TOOLS) $(TRANSLATED) chromium  ## run all of it on PostgreSQL too, with more seeds and on other days
	@TEST_ALL=1 $(PYTHON) -m tests $(ARGS)

next: $(TOOLS) $(TRANSLATED)  ## try the tests on Python 3.13 and Django 6: it may fail and says with what
	@$(PYTHON) -m tools.next_versions $(ARGS)

chromium:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do command -v $$name > /dev/null && exit; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends chromium-headless-shell > /dev/null \
		|| DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium > /dev/null \
		|| echo "Chromium could not be installed; the browser tests will be skipped."; \
	else \
		echo "No Chromium: the browser tests will be skipped."; \
		echo "Debian: sudo apt-get install chromium-headless-shell"; \
	fi

bench: $(TOOLS) $(TRANSLATED)  ## measure speed beside others and write docs/benchmark.md (ARGS="--companies 1000")
	@$(PYTHON) -m benchmarks $(or $(ARGS),--docs)

bench-cluster: $(TOOLS) $(TRANSLATED)  ## kill a replica, a server and the primary of a small cluster, and count what readers saw
	@$(PYTHON) -m benchmarks.cluster

# What is installed

sbom: $(PRODUCT)  ## write var/sbom.json (CycloneDX) and list the licences
	@mkdir -p var
	@$(PYTHON) -m tools.sbom > var/sbom.json
	@$(PYTHON) -m tools.sbom --licences
	@echo "Wrote var/sbom.json."

outdated: $(TOOLS)  ## list the packages of which a newer release exists
	@$(PYTHON) -m uv pip list --outdated

# Checking

check: lint types templates words migrations deploy architecture speed patterns bandit locks  ## lint, types, templates, words, migrations, deployment, security rules, queries of a page, locks

check-all:  ## the same without caches: compile the locks and check all types
	@rm -rf $(LOCKED) $(SCANNED) .mypy_cache .ruff_cache
	@$(MAKE) --no-print-directory check

lint: $(TOOLS)
	$(PYTHON) -m ruff check --quiet .
	$(PYTHON) -m ruff format --check --quiet .

types: $(TOOLS)
	@$(PRODUCTION) $(PYTHON) -m mypy

templates: $(TOOLS)
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade --check

migrations: $(TOOLS) $(TRANSLATED)
	@$(PRODUCTION) $(PYTHON) manage.py makemigrations --check --dry-run

deploy: $(TOOLS) $(TRANSLATED)
	@$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

architecture: $(TOOLS)
	@$(PYTHON) -m pytest --quiet tests/test_architecture.py tests/test_traps.py

# Queries of answers made anew, instructions and allocations of kept ones; nothing by the clock.
speed: $(TOOLS) $(TRANSLATED)
	@$(PYTHON) -m pytest --quiet tests/test_query_counts.py tests/test_response_cache.py \
		-k "queries or instructions or nothing_made_anew or no_more_memory"

# Wordings that readers stumbled over, in the catalogue.
words: $(TOOLS)
	@$(PYTHON) -m pytest --quiet tests/test_words.py

# Patterns that take exponential or cubic time; the program itself always ends with 0.
patterns: $(TOOLS)
	@mkdir -p var
	@.venv/bin/regexploit-py --glob "accounts/**/*.py" "companies/**/*.py" "pactwatch/**/*.py" > var/patterns.txt
	@! grep --quiet --invert-match "^Processed" var/patterns.txt || { cat var/patterns.txt; exit 1; }

bandit: $(SCANNED)

$(SCANNED): pyproject.toml $(SOURCES) | $(TOOLS)
	@mkdir -p $(@D)
	@.venv/bin/bandit --quiet --configfile pyproject.toml --recursive $(SOURCES)
	@touch $@

locks: $(LOCKED)

$(LOCKED): $(wildcard requirements*.in requirements*.txt) | $(TOOLS)
	@mkdir -p $(@D)
	@cp requirements.txt requirements-parquet.txt requirements-agents.txt requirements-dev.txt $(@D)
	@for name in requirements requirements-parquet requirements-agents requirements-dev; do \
		$(COMPILE) $$name.in -o $(@D)/$$name.txt > /dev/null || { \
			echo "uv could not compile $$name.in; its reason is above (is the package index reachable?)."; \
			exit 1; }; \
		cmp --silent $$name.txt $(@D)/$$name.txt || { \
			echo "$$name.txt is out of step with $$name.in: run 'make lock'."; exit 1; }; \
	done
	@touch $@

# Upkeep

lock: $(TOOLS)  ## rewrite requirements*.txt from requirements*.in (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) requirements.in -o requirements.txt > /dev/null
	$(COMPILE) $(ARGS) requirements-parquet.in -o requirements-parquet.txt > /dev/null
	$(COMPILE) $(ARGS) requirements-agents.in -o requirements-agents.txt > /dev/null
	$(COMPILE) $(ARGS) requirements-dev.in -o requirements-dev.txt > /dev/null

format: $(TOOLS)  ## rewrite code and templates in the house style
	$(PYTHON) -m ruff check --quiet --fix .
	$(PYTHON) -m ruff format --quiet .
	find templates -name '*.html' -print0 | xargs -0 -r .venv/bin/djade

commands: $(PRODUCT)  ## rewrite docs/commands.md from the help of all commands
	@$(PRODUCTION) $(PYTHON) -m tools.commands_page

messages: $(PRODUCT)  ## update the translation catalogues from templates and code (needs GNU gettext)
	@command -v xgettext > /dev/null && command -v msgmerge > /dev/null || { \
		echo "make messages needs GNU gettext, which is not installed."; \
		echo "Debian and Ubuntu: sudo apt-get install gettext"; exit 1; }
	@$(PRODUCTION) $(PYTHON) manage.py makemessages --extension html,py,svg,txt,xml \
		--ignore benchmarks --ignore tests --ignore var --ignore "requirements*.txt" \
		--add-location file --no-obsolete

# Removing

# Of var/ goes what is made again from the rest; the register, its key and files of yours stay.
clean:  ## remove what make installed and compiled; the register in var/ stays
	rm -rf .venv .venv-next .mypy_cache .pytest_cache .ruff_cache test-results $(TRANSLATED) \
		var/static var/static-collected var/locks var/recorded var/migrated

reset:  ## remove the register in var/ with its logins, history and corrections (asks, or CONFIRM=yes)
	@test -e var/pactwatch.sqlite3 || { echo "There is no register in var/: nothing to remove."; exit 1; }
	@test "$(CONFIRM)" = yes || test -t 0 || { \
		echo "make reset removes var/pactwatch.sqlite3 and asks first; this is no terminal."; \
		echo "Without asking: make reset CONFIRM=yes"; exit 1; }
	@test "$(CONFIRM)" = yes || { \
		printf 'Remove var/pactwatch.sqlite3 with all logins, history and corrections? Type yes: '; \
		read -r answer; test "$$answer" = yes || { echo "Nothing was removed."; exit 1; }; }
	rm -rf var/pactwatch.sqlite3 var/pactwatch.sqlite3-wal var/pactwatch.sqlite3-shm \
		$(LOADED) var/recorded

.DELETE_ON_ERROR:
.PHONY: help run editor watch load dump backup drill verify shell commands port test test-all next chromium bench bench-cluster sbom outdated check check-all lint \
	types templates words migrations deploy architecture speed patterns bandit locks lock format messages clean reset
