# make run: the demo, from nothing.   make test: every test.   Everything else is listed by `make help`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
# A stamp for this very directory: a copy of a checkout makes an environment of its own.
HERE := $(shell pwd -P | cksum | cut -d' ' -f1)
SET_UP := $(VENV)/set-up-$(HERE)
SET_UP_DEV := $(VENV)/set-up-dev-$(HERE)
MESSAGES := $(VENV)/messages-$(HERE)
BYTECODE := $(VENV)/bytecode-$(HERE)
# uv does not read pip's settings: a mirror or a certificate that is named there holds for both.
UV = export SSL_CERT_FILE="$${SSL_CERT_FILE:-$${PIP_CERT:-}}"; [ -n "$$SSL_CERT_FILE" ] || unset SSL_CERT_FILE; \
	mirror="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/pip config get global.index-url 2>/dev/null || true)}}"; \
	[ -z "$$mirror" ] || export UV_DEFAULT_INDEX="$$mirror"; $(BIN)/uv
LOCK = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help setup setup-dev run test check bench deep lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(SET_UP) $(MESSAGES) $(BYTECODE) ## the virtual environment of what production needs, from the lock file

setup-dev: setup $(SET_UP_DEV) ## the same with the tools for tests and checks, and a browser if it may install one
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium for the browser tests ..." >&2; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "No chromium here, and only root may install it: the browser tests will be skipped (apt-get install chromium)." >&2; \
	fi

run: setup ## the demo: database, worker and web, with sign-in links; COMPTOIR_PORT chooses another port than 8000
	@exec $(BIN)/python scripts/run.py

test: setup-dev ## every test: three at a time, and beside them those that drive a browser
	@exec $(BIN)/python scripts/tests.py

check: setup-dev ## what can be seen without running it
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy comptoir scripts
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py check
	$(BIN)/python scripts/manage.py check
	$(BIN)/python scripts/manage.py makemigrations --check --dry-run
	$(BIN)/djlint --quiet --lint comptoir

bench: setup-dev ## how fast, against baselines of the same run
	$(BIN)/python scripts/bench.py

deep: setup-dev ## every test at full depth, on every PostgreSQL that is here (takes long)
	COMPTOIR_DEEP=1 $(BIN)/python scripts/deep.py

lock: setup ## the lock files again, from pyproject.toml; LOCK_FLAGS=--upgrade takes what is newest
	@$(LOCK) $(LOCK_FLAGS) --extra postgres -o requirements.lock
	@$(LOCK) $(LOCK_FLAGS) --extra postgres --group dev -o requirements-dev.lock

clean: ## remove what was built; what COMPTOIR_HOME and the tests' databases keep stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage dist
	find comptoir scripts tests -name __pycache__ -prune -exec rm -rf {} +
	find comptoir -name 'django.mo' -delete

$(SET_UP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Comptoir needs Python 3.11 or newer as $(PYTHON); name another: make PYTHON=python3.12 setup" >&2; exit 2; }
	@echo "Setting up $(VENV) ..." >&2
	@if ! grep -qs "$(CURDIR)/$(VENV)$$" $(VENV)/pyvenv.cfg; then \
		$(PYTHON) -m venv --clear $(VENV) \
			|| { echo "Python's venv module is missing: on Debian, apt-get install python3-venv" >&2; exit 2; }; \
	fi
	@$(BIN)/uv --version 2>/dev/null | grep -q "^uv $(UV_VERSION)" || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(SET_UP_DEV): requirements-dev.lock $(SET_UP)
	@echo "Setting up the tools for tests and checks ..." >&2
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

$(MESSAGES): $(wildcard comptoir/*/locale/*/LC_MESSAGES/django.po) $(SET_UP)
	@$(BIN)/python scripts/compile_messages.py
	@touch $@

# Compiled once per change, here as in the libraries: each start would do it where Python is told to write no bytecode.
$(BYTECODE): $(shell find comptoir -name '*.py') $(SET_UP)
	@$(BIN)/python -m compileall -q comptoir
	@touch $@
