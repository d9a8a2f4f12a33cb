# Every command works from a clean checkout. Python >= 3.11, Node >= 20.19 and make are all that it takes.
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help run dev test test-python test-frontend e2e faults files bench check format openapi locks audit clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Serve everything on http://HOST:PORT (127.0.0.1:8080) from one process, data in DATA_DIR (./data)
	@python3 tools/prepare.py run
	@exec $(PYTHON) -m gateway.local

dev: ## Install what tests and checks need
	@python3 tools/prepare.py dev

test: dev ## All tests: SQLite, PostgreSQL + Valkey + nginx, frontend, a real Chromium
	@$(PYTHON) -m tests.harness.provision
	@cd frontend && npm run --silent test
	@$(PYTEST) -n 2 --dist loadgroup --ignore tests/e2e
	@$(PYTEST) -n 2 --dist loadgroup tests/e2e  # a process of its own: the browser's driver keeps an event loop running

test-python: dev ## Python tests without a browser
	@$(PYTHON) -m tests.harness.provision
	@$(PYTEST) -n 2 --dist loadgroup --ignore tests/e2e

test-frontend: dev ## Frontend unit tests
	@cd frontend && npm run --silent test

e2e: dev ## Browser tests
	@$(PYTHON) -m tests.harness.provision
	@$(PYTEST) -n 2 --dist loadgroup tests/e2e

faults: dev ## Crashes, hangs and cut connections for about half an hour; writes docs/reliability.md
	@$(PYTHON) -m tests.harness.provision
	@$(PYTHON) -m tests.faults --seed 20261123 --acked 100000 --crashes 110 --report

files: dev ## Large uploads, many cuts and kills: what takes too long for every commit
	@$(PYTHON) -m tests.harness.provision
	@FILES_LONG=1 $(PYTEST) tests/files

bench: dev ## Measure everything beside two yardsticks, for about an hour; writes docs/performance.md
	@$(PYTHON) -m tests.harness.provision
	@$(PYTHON) -m bench --report --json bench/results.json

check: dev ## Lint, types, import rules, generated client, bundle size
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo
	@$(PYTHON) -m tools.check_generated
	@cd frontend && npm run --silent lint && npm run --silent types && npm run --silent budget

format: dev ## Format the Python code
	@$(PYTHON) -m ruff check --fix --quiet .
	@$(PYTHON) -m ruff format .

openapi: dev ## Write frontend/openapi/*.json and the TypeScript client made from them
	@$(PYTHON) -m gateway.openapi frontend/openapi
	@cd frontend && npm run --silent generate

locks: dev ## Bring requirements*.lock up to date with pyproject.toml (hashed, without hosts)
	@for group in "" "-dev"; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-header $${group:+--group dev} pyproject.toml -o requirements$$group.lock; \
	done

audit: dev ## Look for known vulnerabilities (needs a registry that answers such questions)
	@.venv/bin/uv tool run pip-audit --requirement requirements.lock --disable-pip
	@cd frontend && npm audit --omit=dev

clean: ## Remove what these commands made, but no data
	@rm -rf .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
