# Understudy. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
READY  := $(VENV)/.ready
STACK  ?= $(shell git symbolic-ref --quiet --short HEAD 2>/dev/null || echo development)
UNIT   := tests/benchmarks tests/components tests/localcloud tests/stacks tests/understudy
SOURCE := components stacks policies localcloud understudy tests benchmarks services/rotation

.PHONY: help setup install images up down status local-down check format lint types imports unit test bench docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## install the locked Python dependencies into .venv

$(READY): requirements/uv.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than 3.11; name a newer one with make PYTHON=python3.x" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "error: no virtual environment could be made; install python3-venv" >&2; exit 2; }
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q components localcloud stacks understudy
	@touch $@

up: $(READY) ## bring up the environment STACK (default: the current branch) and send one order through it
	@$(BIN)/understudy up '$(STACK)'

down: $(READY) ## destroy the environment STACK and drop its stack
	@$(BIN)/understudy down '$(STACK)'

status: $(READY) ## show what of the local cloud is running
	@$(BIN)/understudy local status

local-down: $(READY) ## stop the local cloud; its data is kept
	@$(BIN)/understudy local down

check: lint types imports unit ## the quick checks: format, lint, types, import rules, unit tests

format: $(READY) ## format the Python code
	@$(BIN)/ruff format $(SOURCE)
	@$(BIN)/ruff check --fix $(SOURCE)

lint: $(READY)
	$(BIN)/ruff format --check $(SOURCE)
	$(BIN)/ruff check $(SOURCE)

types: $(READY)
	$(BIN)/pyright

imports: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/pytest $(UNIT) -m 'not e2e' --numprocesses 2 --dist worksteal --quiet

install: $(READY) ## install and build what the local cloud needs, and start nothing
	@$(BIN)/understudy local install

images: $(READY) ## build the images of the services that changed
	@$(BIN)/python -m understudy.images

test: install images ## the whole suite, on the real engine and the local cloud
	$(BIN)/pytest -m 'not e2e' --numprocesses 2 --dist worksteal
	$(BIN)/pytest -m e2e -p no:randomly

bench: $(READY) ## measure speed and memory; figures go to docs/performance.md
	$(BIN)/python -m benchmarks

docs: $(READY) ## write the generated pages of docs/reference
	$(BIN)/python -m understudy.reference

clean: ## remove what was built in this folder
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis

lock: $(READY) ## lock the Python dependencies anew, with hashes and without addresses
	@for set in run dev; do \
		$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url \
			--no-annotate $$(test $$set = dev && echo --group dev) pyproject.toml --output-file requirements/$$set.txt; \
	done
	@$(UV) pip freeze --quiet --python $(BIN)/python | grep '^uv==' \
		| $(UV) pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-annotate - --output-file requirements/uv.txt
