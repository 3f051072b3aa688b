# Everything is installed inside this folder (.venv, node_modules, .tools); a machine needs python3 and make.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
PYTHON := .venv/bin/python
export PYTHONPATH := $(CURDIR)/functions:$(CURDIR)/layers/shared/python
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help install docs docs-build local local-up local-down demo invoke sam sam-journey reconcile redrive republish trace restore-drill preflight deploy journey trial trial-end secrets sbom alarms crash-matrix simulate mutants stress bench audit-scale cost load attack fuzz test lint types synth checkov stateful generate breaking release check check-fast clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed node_modules/.installed ## Install everything, inside this folder

.tools/uv/bin/uv:
	@python3 -m venv .tools/uv
	@.tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: .tools/uv/bin/uv pyproject.toml uv.lock .python-version
	@.tools/uv/bin/uv sync --locked --quiet
	@touch $@

.tools/load/.installed: .venv/.installed
	@UV_PROJECT_ENVIRONMENT=.tools/load .tools/uv/bin/uv sync --locked --quiet --only-group load
	@touch $@

.tools/docs/.installed: .venv/.installed
	@UV_PROJECT_ENVIRONMENT=.tools/docs .tools/uv/bin/uv sync --locked --quiet --only-group docs
	@touch $@

node_modules/.installed: .venv/.installed package.json package-lock.json
	@npm ci --silent --no-audit --no-fund
	@touch $@

local: install ## Run the platform on this machine, edits served at once; Ctrl-C ends it (LOCAL_PORT=4566, SHOW=events)
	@$(PYTHON) -m local run

local-up: install ## The same in the background
	@$(PYTHON) -m local up

local-down: .venv/.installed ## End what local-up started
	@$(PYTHON) -m local down

demo: .venv/.installed ## A user's whole journey, against make local or API_URL=https://…
	@$(PYTHON) -m local demo

invoke: install ## Run OPERATION=orders.create_order with EVENT=event.json here, on moto, for a debugger (SEED=rows.json)
	@OPERATION="$(OPERATION)" EVENT="$(EVENT)" SEED="$(SEED)" $(PYTHON) -m local invoke

sam: install ## Serve the HTTP side by `sam local start-api` in Docker, over a local cloud (SAM_PORT=3001)
	@$(PYTHON) -m local sam

sam-journey: install ## The demo's journey through SAM; starts a Docker daemon of its own where it may
	@$(PYTHON) -m local.sam.journey

test: install ## Run every test, and count them by kind (KIND=unit,infra or a path for some, ARGS="-k deposit" for pytest)
	@KIND="$(KIND)" ARGS='$(ARGS)' $(PYTHON) -m tests

reconcile: install ## Audit the books of the running local cloud, or of STAGE=dev on AWS
	@$(PYTHON) -m ops reconcile

redrive: install ## Send the dead letters of QUEUE=… back (local, or STAGE=dev)
	@$(PYTHON) -m ops redrive

republish: install ## Put events on the bus again: ORDER=…, ACCOUNT=…, or SERVICE=… SINCE=… (DRY=1 counts; local, or STAGE=dev)
	@$(PYTHON) -m ops republish

preflight: install ## What a first deployment of STAGE=prod would stumble over, before it; changes nothing
	@$(PYTHON) -m ops preflight

trace: install ## The story of REQUEST=…, ORDER=… or EVENT=…, out of the logs, and where it has stopped (local, or STAGE=dev)
	@$(PYTHON) -m ops trace

restore-drill: install ## Restore the tables under other names (AT=…, else the latest), audit them, take them away (local, or STAGE=dev)
	@$(PYTHON) -m ops restore-drill

deploy: install ## The CDK CLI: bring STAGE=dev to what the code says, without questions, as the pipeline does
	@$(PYTHON) -m ops deploy

journey: install ## The demo's journey on a deployed STAGE=dev
	@$(PYTHON) -m ops journey

trial: install ## A stage TRIAL=pr12 of its own, deployed, with the demo's journey on it (LIKE=dev: whose settings)
	@$(PYTHON) -m ops trial

trial-end: install ## Destroy it
	@$(PYTHON) -m ops trial-end

secrets: install ## Look for secrets in what is committed; .secrets.baseline has what looks like one and is none
	@detect-secrets-hook --baseline .secrets.baseline $$(git ls-files ':!.secrets.baseline')

sbom: install ## What it is made of, for Python and Node, in .artifacts/sbom (CycloneDX)
	@mkdir -p .artifacts/sbom
	@.tools/uv/bin/uv export --quiet --locked --format cyclonedx1.5 --output-file .artifacts/sbom/python.json >/dev/null
	@npm sbom --sbom-format cyclonedx --package-lock-only > .artifacts/sbom/node.json
	@ls -l .artifacts/sbom | awk 'NR > 1 {print "sbom: .artifacts/sbom/" $$9 ", " $$5 " bytes"}'

alarms: install ## Every alarm, tried by CloudWatch's rules on a blip and on its fault
	@$(PYTHON) -m tests.infra.alarms

crash-matrix: install ## Every operation × every AWS call that it makes × every fault
	@$(PYTHON) -m tests.simulation.crash_matrix

SEEDS ?= 1000
simulate: install ## Random histories with everything going wrong (SEEDS=1000, BASE=… plays some again, MIXED=1 with the last release's functions)
	@$(PYTHON) -m tests.simulation.histories --seeds $(SEEDS) $(if $(BASE),--base $(BASE)) $(if $(MIXED),--mixed)

mutants: install ## Sabotage the money and event code; the suites must catch each sabotage
	@$(PYTHON) -m tests.mutants

stress: install ## 500 payments and 500 cancellations by 20 workers, every count exact
	@$(PYTHON) -m tests.stress

bench: install ## Starts and requests of every function, counted (BENCH=orders.,… for some, COMPARE=old.json)
	@BENCH="$(BENCH)" COMPARE="$(COMPARE)" $(PYTHON) -m tests.bench

audit-scale: install ## The whole audit of 1,000, 10,000 and 100,000 rows: memory, calls and read units
	@$(PYTHON) -m tests.bench.audit_scale

cost: install ## docs/cost.md, of the figures of the last make bench
	@$(PYTHON) -m tests.bench.cost --take

load: install .tools/load/.installed ## A mix of requests by 16 clients at once, latencies by route, no error (REQUESTS=2000, CLIENTS=…, SEED=…)
	@$(PYTHON) -m tests.load

attack: install ## Every route × every token that must not open it, over HTTP; and a scan of the logs
	@$(PYTHON) -m tests.attack

fuzz: install ## Requests made of the contract, good and bad (FUZZ=… random cases an operation, SEED=…)
	@$(PYTHON) -m tests.fuzz

lint: install ## Format, lint, check who imports whom, and lint the contract and the workflows
	@ruff format --check .
	@ruff check .
	@cd layers/web && biome ci .
	@lint-imports --no-cache
	@actionlint
	@zizmor --offline --quiet --no-progress .github
	@spectral lint --quiet --fail-severity hint functions/web/openapi.json docs/events/asyncapi.json

types: install ## Check types, strictly
	@mypy .
	@tsc -p layers/web

synth: install ## Synthesize every stage, with cdk-nag and cfn-lint
	@$(PYTHON) -m tests.templates.check

checkov: install ## A second opinion on the templates of dev and prod; each skip has its reason on its resource
	@$(PYTHON) -m tests.templates.checkov

stateful: install ## Agree on what holds data in the templates as they are now (docs/stateful); say why in the commit
	@$(PYTHON) -m tests.templates.check --agree

generate: .venv/.installed ## Write the OpenAPI and AsyncAPI documents, the event schemas, docs/cost.md and the dashboard's picture anew
	@$(PYTHON) -m infra.contract.openapi
	@$(PYTHON) -m infra.contract.json_schemas
	@$(PYTHON) -m infra.contract.asyncapi
	@$(PYTHON) -m tests.bench.cost
	@$(PYTHON) -m tests.infra.alarms.picture

breaking: generate ## Name what would break clients or consumers since the contract was last released
	@$(PYTHON) -m infra.contract.released

release: generate ## Make the present contract the released one (docs/released), and record the items that it writes and what its functions may do
	@$(PYTHON) -m infra.contract.released --release
	@$(PYTHON) -m tests.scaffolding.item_history > /dev/null
	@$(PYTHON) -m tests.scaffolding.releases
	@$(PYTHON) -m tests.infra.released_grants

check-fast: install ## Before a commit: lint, types, unit tests and a slice of the others, in less than a minute
	@$(PYTHON) -m tests.check_fast

check: lint types synth checkov test ## Everything that CI checks

DOCS_PORT ?= 8000
docs: install .tools/docs/.installed ## Serve the documentation on this machine, edits shown at once (DOCS_PORT=8000)
	@NO_MKDOCS_2_WARNING=1 .tools/docs/bin/mkdocs serve --dev-addr 127.0.0.1:$(DOCS_PORT)

docs-build: install .tools/docs/.installed ## Build it into .build/site; a broken link is an error
	@# Not --quiet: then mkdocs counts no warnings, and strict means nothing.
	@NO_MKDOCS_2_WARNING=1 .tools/docs/bin/mkdocs build --strict 2>&1 | { grep -v ^INFO || true; }
	@echo "docs: .build/site, $$(find .build/site -name index.html | wc -l) pages"

clean: ## Forget everything that was built or installed
	rm -rf .build .local .tools .coverage .venv .artifacts cdk.out node_modules .mypy_cache .ruff_cache .pytest_cache
