# Each verb sets up what it needs. The first Python found that the pinned packages have wheels for is used.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory

IS_USABLE := -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

PYTHON ?= $(shell for python in python3 python3.12 python3.13 python3.11; do \
	"$$python" $(IS_USABLE) 2>/dev/null && command -v "$$python" && break; done)

VENV      := .venv
LINT_VENV := .venv-lint
RUN       := PYTHONPATH=tests:lambda_src $(VENV)/bin/python
LOCK      := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

# What a user may name: a setting that is not given is the demo's to choose.
CSV          ?=
DATA         ?=
KEEP         ?=
LABEL_COLUMN ?=
MODE         ?=
OUT          ?= .local
PROFILE      ?=
REGION       ?=
SETTINGS     ?=
TEXT_COLUMN  ?=
YES          ?=
COLUMNS_OF   := $(if $(TEXT_COLUMN),--text-column "$(TEXT_COLUMN)") $(if $(LABEL_COLUMN),--label-column "$(LABEL_COLUMN)")

.DEFAULT_GOAL := help
.PHONY: help demo test test-lambda test-localaws test-terraform test-e2e test-scale lint format bench quality lock docs provider-6 on-aws clean

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/ready ## Turn a CSV, or a folder of them, into a model on this machine [CSV=reviews.csv MODE=skipgram TEXT_COLUMN=review_body LABEL_COLUMN=star_rating SETTINGS=my.tfvars OUT=.local]
	@$(RUN) -m demo --out "$(OUT)" $(if $(CSV),--csv "$(CSV)") $(if $(MODE),--mode "$(MODE)") $(COLUMNS_OF) $(if $(SETTINGS),--settings "$(SETTINGS)")

test: test-lambda test-localaws test-terraform test-e2e ## Run every test

test-lambda: $(VENV)/ready ## Test the Lambda's code, build its package, and test benchmarks and documents
	$(VENV)/bin/python -m pytest $(addprefix tests/unit/,preprocess package benchmarks docs quality) -n 2 --dist loadfile

test-localaws: $(VENV)/ready ## Test the local AWS, and what stands beside it
	$(VENV)/bin/python -m pytest $(addprefix tests/unit/,localaws blazingtext demo on_aws sample static terraform_cli) -n 3 --dist loadfile

test-terraform: $(VENV)/ready ## Test the Terraform module with a mocked provider
	terraform fmt -check -recursive -diff .
	$(RUN) -m terraform_cli validate . examples/*/
	$(RUN) -m terraform_cli test
	$(VENV)/bin/python -m pytest tests/unit/settings

test-e2e: $(VENV)/ready ## Apply the module to the local AWS and run it
	$(VENV)/bin/python -m pytest tests/e2e

test-scale: $(VENV)/ready ## Run a folder of 1,000 files; not part of `make test`
	$(VENV)/bin/python -m pytest tests/e2e/scale

lint: $(VENV)/ready $(LINT_VENV)/ready ## Check style, types, policies and the state machine
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	terraform fmt -check -recursive -diff .
	$(RUN) -m static.inputs --check
	$(RUN) -m static.patches --check
	$(RUN) -m static.parts_of_speech --check
	$(RUN) -m static.inferred --check
	$(RUN) -m static.asl
	$(RUN) -m static.policies
	$(RUN) -m static.provider
	$(LINT_VENV)/bin/checkov --directory . --framework terraform --skip-path '$(VENV).*' --skip-path tests --skip-download --quiet --compact

format: $(VENV)/ready ## Format Python and Terraform
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	terraform fmt -recursive .

docs: $(VENV)/ready ## Write docs/inputs.md, what is inferred of AWS and replaced of moto, and the dictionary's parts of speech
	$(RUN) -m static.inputs
	$(RUN) -m static.patches
	$(RUN) -m static.inferred
	$(RUN) -m static.parts_of_speech

provider-6: $(VENV)/ready ## Write what `make lint` knows of version 6 of the AWS provider, from npm
	$(RUN) -m static.provider_schema

on-aws: $(VENV)/ready ## Settle docs/inferred.md on a real AWS account, for cents, and destroy everything again [YES=1 REGION=ap-northeast-1 PROFILE=name KEEP=1]
	@$(if $(YES),,echo "This applies examples/word2vec to your AWS account ($(or $(PROFILE),the credentials of this shell), $(or $(REGION),ap-northeast-1)), trains four models on" >&2; echo "ml.c5.xlarge (a few minutes each, at most about 0.10 US dollars in all), prints what differs from docs/inferred.md and destroys" >&2; echo "everything, which takes most of an hour. To go on: make on-aws YES=1" >&2; exit 1)
	$(RUN) -m on_aws $(if $(REGION),--region "$(REGION)") $(if $(PROFILE),--profile "$(PROFILE)") $(if $(KEEP),--keep)

bench: $(VENV)/ready ## Measure speed and memory beside what one would do otherwise, in half an hour [CSV=reviews.csv TEXT_COLUMN=review_body LABEL_COLUMN=star_rating]
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(VENV)/bin/python -m benchmarks $(if $(CSV),--csv "$(CSV)" $(COLUMNS_OF))

quality: $(VENV)/ready ## Measure how good the models are beside what one would have otherwise, in half an hour [CSV=reviews.csv TEXT_COLUMN=review_body LABEL_COLUMN=star_rating DATA=../shared/data]
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@$(RUN) -m benchmarks.quality --out "$(OUT)" $(if $(DATA),--data "$(DATA)") $(if $(CSV),--csv "$(CSV)" $(COLUMNS_OF))

lock: $(LINT_VENV)/ready ## Write the lock files from requirements/*.in
	cd lambda_src && ../$(LINT_VENV)/bin/$(LOCK) requirements.in -o requirements.txt
	cd requirements && for name in dev lint bench; do ../$(LINT_VENV)/bin/$(LOCK) $$name.in -o $$name.txt; done

clean: ## Remove what the other verbs made
	rm -rf $(VENV) $(LINT_VENV) .local .mypy_cache .pytest_cache .ruff_cache

# A Python that is named must be one of those, also where everything is set up already.
.PHONY: named-python
named-python:
	@$(if $(filter file,$(origin PYTHON)),,"$(PYTHON)" $(IS_USABLE) 2>/dev/null || { echo "PYTHON=$(PYTHON) is not Python 3.11, 3.12 or 3.13 with venv: name one that is, or leave PYTHON out." >&2; exit 1; })

$(VENV)/ready: requirements/dev.txt | named-python
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 with venv was found. Install one (on Debian: python3 and python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@command -v terraform >/dev/null || { echo "Terraform was not found. Install 1.9 or later: https://developer.hashicorp.com/terraform/install" >&2; exit 1; }
	@echo "Setting up $(VENV), once (about a minute) …"
	@rm -rf $(VENV) && "$(PYTHON)" -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(LINT_VENV)/ready: requirements/lint.txt
	@echo "Setting up $(LINT_VENV), once (about a minute) …"
	@rm -rf $(LINT_VENV) && "$(PYTHON)" -m venv $(LINT_VENV)
	@$(LINT_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lint.txt
	@touch $@
