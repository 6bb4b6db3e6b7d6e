# Two commands matter to a newcomer: `make serve` and `make test`.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PYTEST := $(BIN)/python -m pytest
JOBS   ?= 2

.DEFAULT_GOAL := help
.PHONY: help serve test test-all check format docs bench screenshot clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Holdfast needs Python 3.11; install it or run: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Holdfast (once; about a minute)"
	$(PIP) -e '.[semantic]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt package.json | $(BIN)/python
	@echo "Installing what the tests and checks need (once; a few minutes)"
	$(PIP) 'torch==2.13.0'
	$(PIP) -e '.[dev]'
	@if command -v npm >/dev/null; then npm install --silent --no-audit --no-fund; else echo "npm is absent: the accessibility test will be skipped"; fi
	@touch $@ $(VENV)/.core

$(VENV)/.evaluate: $(VENV)/.dev
	$(PIP) -e '.[dev,evaluate,ray]'
	@touch $@

serve: $(VENV)/.core ## Create the environment, install, and serve on http://127.0.0.1:8000
	$(BIN)/holdfast serve

test: $(VENV)/.dev ## Run every test that takes seconds (SQLite, PostgreSQL, Chromium where present)
	$(PYTEST) -n $(JOBS) --dist loadfile -m "not long"

test-all: $(VENV)/.evaluate ## Run every test, the long ones too
	$(PYTEST) -n $(JOBS) --dist loadfile

check: $(VENV)/.dev ## Lint, check formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## Build the documentation into site/
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.dev ## Run every benchmark; tables on screen, JSON in build/benchmarks/
	@mkdir -p build/benchmarks
	@for b in benchmarks/*.py; do echo "== $$b"; $(BIN)/python $$b --json build/benchmarks/$$(basename $$b .py).json || exit 1; done

screenshot: $(VENV)/.dev ## Make the README's screenshot anew
	HOLDFAST_TEST_SCREENSHOT=docs/images/home.png $(PYTEST) tests/browser/test_access.py -q -k screenshot

clean: ## Remove the environment and everything built
	rm -rf $(VENV) node_modules site build
