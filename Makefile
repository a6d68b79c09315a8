# The one list of tasks; the continuous integration runs the same ones.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
KAFKA  := .perennial/kafka
# Each worker has a broker of its own; on a broker that is given, the tests run one by one.
SIDE_BY_SIDE = $(if $(KAFKA_BOOTSTRAP),,--numprocesses 2 --dist loadscope --no-loadscope-reorder)

# Starting five services takes three times as long when nobody may keep the compiled code.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup up test unit lint lock kafka golden replay-telco bench bench-peer chaos chaos-long \
	chaos-sensitivity lives prove clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.tests-installed ## Make .venv with everything that running and testing need
	@echo "Ready: try 'make up' or 'make test'."

up: $(VENV)/.installed ## Run the platform on this machine; ONCE=1 runs one story and stops
	@$(PY) -m deploy.up $(if $(ONCE),--once)

test: $(VENV)/.tests-installed ## Run all tests; the last line says whether a real Kafka was there
	@$(MAKE) --no-print-directory kafka || echo "Going on without: the tests that need Kafka are skipped."
	@$(PY) -m pytest tests $(SIDE_BY_SIDE)

unit: $(VENV)/.tests-installed ## Run the tests that need no broker and no database
	@$(PY) -m pytest $(wildcard tests/unit tests/contract tests/architecture)

chaos: $(VENV)/.tests-installed kafka ## Break everything under load for 3 minutes, then judge; SEED=7 draws other faults
	@$(PY) -m tests.chaos $(if $(SEED),--seed $(SEED))

chaos-long: $(VENV)/.tests-installed kafka ## The same for 12 minutes
	@$(PY) -m tests.chaos --seconds 720 $(if $(SEED),--seed $(SEED))

chaos-sensitivity: $(VENV)/.tests-installed kafka ## Plant bugs, one at a time: chaos must notice each of them
	@$(PY) -m tests.chaos.sensitivity $(if $(SEED),--seed $(SEED))

lives: $(VENV)/.tests-installed ## 18,000 steps of all four services over a bus that misbehaves, from a new seed
	@$(PY) -m pytest tests -m prove

prove: chaos-long chaos-sensitivity lives ## The long proofs

lint: $(VENV)/.tests-installed ## Check style, form, types and the import rules
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

lock: ## Pin requirements*.in with hashes into requirements*.lock (needs uv)
	@for set in requirements requirements-embedded requirements-test; do \
		echo "Locking $$set.in"; \
		uv pip compile $$set.in --quiet --output-file $$set.lock --python-version 3.11 \
			--generate-hashes --no-header --no-emit-index-url --no-emit-find-links || exit 1; \
	done

kafka: $(KAFKA)/libs/.fetched ## Fetch the broker for the tests (needs Maven)

golden: $(VENV)/.installed ## Rewrite the contracts' schemas and samples after a deliberate change
	@$(PY) -m shared.contracts.golden
	@$(PY) -m shared.contracts.asyncapi

bench: $(VENV)/.tests-installed ## Measure, in a quarter of an hour, and write bench/RESULTS.md; ONLY='renewals --scale 0.1'
	@$(MAKE) --no-print-directory kafka
	@$(PY) -m bench $(ONLY)

bench-peer: $(VENV)/.tests-installed ## Renewals beside Kill Bill's, in turn (needs Maven, Go, Java, PostgreSQL)
	@$(PY) -m bench.peers

replay-telco: $(VENV)/.tests-installed $(if $(KAFKA_BOOTSTRAP),,kafka) ## Replay 7,043 real customers and compare: DATA=file
	@$(PY) -m deploy.replay $(or $(DATA),../shared/data/telco-customer-churn.csv) $(if $(EVERY),--every $(EVERY)) \
		$(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(LONGEST),--longest $(LONGEST))

clean: ## Remove what was made here, the embedded database included
	rm -rf $(VENV) .perennial build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is not: name another with 'make PYTHON=python3.12 ...'."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing: on Debian and Ubuntu, 'apt-get install python3-venv'."; exit 1; }
	@echo "[1/3] Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements-embedded.lock pyproject.toml | $(PY)
	@echo "[2/3] Installing what the platform needs (a minute or two the first time)"
	@$(PY) -m pip install --quiet --require-hashes -r requirements-embedded.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.tests-installed: requirements-test.lock $(VENV)/.installed
	@echo "[3/3] Installing what the tests need"
	@$(PY) -m pip install --quiet --require-hashes -r requirements-test.lock
	@touch $@

$(KAFKA)/libs/.fetched: deploy/kafka/pom.xml
	@command -v mvn >/dev/null || { \
		echo "Maven fetches the broker, and it is not installed: on Debian and Ubuntu, 'apt-get install maven'."; exit 1; }
	@echo "Fetching Apache Kafka (about 45 MB the first time)"
	@rm -rf $(KAFKA)/libs
	@mvn --quiet --batch-mode -f deploy/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(KAFKA)/libs
	@touch $@
