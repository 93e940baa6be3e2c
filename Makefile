# Every target runs from a fresh clone with Python 3.11 and make alone; .venv is made when it is missing or the lock has changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# pm4py's licence is another than ours, so it has an environment of its own.
INTEROP := .venv-interop
# Each peer of the race has an environment of its own; one without requirements shares its neighbour's.
PEERS = $(patsubst tests/bench/peers/%/requirements.txt,%,$(wildcard tests/bench/peers/*/requirements.txt))
PLAYBOOKS = $(filter-out deploy/playbooks/sources, $(wildcard deploy/playbooks/*))

.DEFAULT_GOAL := help
.PHONY: help setup demo test interop chaos chaos-long quality fuzz fuzz-long check bench bench-alertmanager bench-links bench-peers bench-peers-lock schemas format lock

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv from the hash-locked requirements, with feedback-router in it
	@$(BIN)/python deploy/console/vendor.py

$(READY): requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python deploy/console/vendor.py
	@touch $@

demo: $(READY) ## Run the whole service on this machine with a realistic stream of feedback
	$(BIN)/feedback-router demo

# A file's tests share what it starts, so they stay in one process; files are taken in their order, which has the longest early.
WORKERS ?= 2
test: $(READY) ## Run the test-suite in two processes, or WORKERS
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

interop: $(READY) $(INTEROP)/.ready ## Export an event log, let pm4py and our own reader read it, and compare
	$(BIN)/python -m tests.interop --pm4py $(INTEROP)/bin/python

$(INTEROP)/.ready: deploy/interop/requirements.txt
	test -x $(INTEROP)/bin/python || $(PYTHON) -m venv $(INTEROP)
	$(INTEROP)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/interop/requirements.txt
	@touch $@

chaos: $(READY) ## Plant bugs that must be found, then kill, freeze and cut off everything for eight minutes
	$(BIN)/python -m tests.chaos --mutants --minutes 8

# The same for MINUTES, on one broker and on a cluster of three, after planting bugs that must all be found.
MINUTES ?= 40
chaos-long: $(READY) ## The same for MINUTES (40), on one broker and on three, with planted bugs that must be found
	$(BIN)/python -m tests.chaos --mutants --minutes $(MINUTES) --brokers 1 --brokers 3 --report chaos.json

quality: $(READY) ## Prove claims on real data, which is looked for beside the repository, and on made-up processes
	$(BIN)/pytest tests/quality tests/simulation tests/e2e -m "quality or live"

fuzz: $(READY) ## Search for a minute, guided by coverage, for input that breaks a promise
	$(BIN)/python -m tests.fuzz --seconds 45

fuzz-long: $(READY) ## The same with a million cases, which takes five to fifteen minutes
	$(BIN)/python -m tests.fuzz --cases 1000000

check: $(READY) ## Check format, lint, types, import rules and every shipped playbook
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@set -e; for playbook in $(PLAYBOOKS); do echo "feedback-router check $$playbook"; $(BIN)/feedback-router check "$$playbook"; done

bench: $(READY) ## Measure throughput, latency and the volume rule
	$(BIN)/python -m tests.infrastructure.with_kafka -- $(BIN)/feedback-router bench

# Where the real files are; without them the demo's storm alone is measured.
DATA ?= ../shared/data
bench-alertmanager: $(READY) ## Measure how often teams are interrupted, beside a real Alertmanager, in about twenty minutes
	$(BIN)/feedback-router bench fatigue $(if $(wildcard $(DATA)),--data $(DATA)) --alertmanager

# Thirty gigabytes of disk for the while.
bench-links: $(READY) ## Measure what finding process instances adds to a batch, among ten million of them, in a quarter of an hour
	$(BIN)/feedback-router bench links --instances 10000000 --events 10000

# RACE has options, as in `make bench-peers RACE="--workloads steady --repeats 1"`; all of it takes hours.
RACE ?=
bench-peers: $(READY) $(PEERS:%=.venv-peers/%/.ready) ## Race the same job against other frameworks, each in an environment of its own
	@if command -v mvn > /dev/null; then for pom in $(wildcard tests/bench/peers/*/pom.xml); do mvn -q -f $$pom package || exit 1; done; fi
	$(BIN)/python -m tests.bench.race $(RACE)

.venv-peers/%/.ready: tests/bench/peers/%/requirements.txt
	test -x .venv-peers/$*/bin/python || $(PYTHON) -m venv .venv-peers/$*
	.venv-peers/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

bench-peers-lock: $(READY) ## Resolve what each peer of the race needs anew
	@set -e; for peer in $(PEERS); do \
		$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes \
			--custom-compile-command "make bench-peers-lock" \
			-o tests/bench/peers/$$peer/requirements.txt tests/bench/peers/$$peer/requirements.in; done

schemas: $(READY) ## Write schemas/ again from the models
	$(BIN)/python -m service.adapters.schema_files

format: $(READY) ## Put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(READY) ## Resolve the dependencies anew into requirements.txt, and what building and running an image needs of them
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --custom-compile-command "make lock" \
		--extra dev --extra demo --extra encoder --extra notify -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" \
		--constraint requirements.txt -o requirements-runtime.txt pyproject.toml
	echo hatchling | $(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" \
		--constraint requirements.txt -o requirements-build.txt -
	$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes --custom-compile-command "make lock" \
		-o deploy/interop/requirements.txt deploy/interop/requirements.in
