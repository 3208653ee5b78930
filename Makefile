# Every target does the set-up it needs; `make` alone lists them. Written for GNU make 3.81, which macOS still ships.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# A folder of sites to crawl in place of the bundled ones, and more options for pytest.
SITES ?=
ARGS ?=

heading = @printf '\n=== %s\n' '$(1)'

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test lint format bench weights proof clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(INSTALLED) browser ## build .venv from constraints.txt and look for a browser

# The programs in .venv name its place: in a folder that was moved they have to be made again.
ifneq ($(shell cat $(INSTALLED) 2>/dev/null),$(CURDIR))
.PHONY: $(INSTALLED)
endif

$(INSTALLED): constraints.txt
	@.ci/setup python

browser: $(INSTALLED) ## look for a browser, and fetch one where there is none
	@.ci/setup browser

demo: setup ## crawl the bundled sites and write the report; SITES=DIR crawls that folder of sites
	@$(BIN)/scrapy demo $(if $(SITES),--sites "$(patsubst ~/%,$(HOME)/%,$(SITES))")

test: setup lint ## everything that must hold: lint, then the tests; ARGS="-k name" narrows the tests
	$(call heading,pytest)
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not proof" $(ARGS)

lint: $(INSTALLED) ## ruff, mypy --strict and the floors of the house
	$(call heading,ruff format --check)
	@$(BIN)/ruff format --check .
	$(call heading,ruff check)
	@$(BIN)/ruff check .
	$(call heading,mypy)
	@$(BIN)/mypy
	$(call heading,lint-imports)
	@$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## put the code into the house format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure every script of tests/bench and write bench.json
	@$(BIN)/python -m tests.support.bench

weights: setup ## learn the weights of resolution: LABELLED=FILE.jsonl DATE=YYYY-MM-DD [JUDGEMENTS=FILE.jsonl]
	@$(BIN)/python -m pipelines.resolution.train "$(LABELLED)" --date "$(DATE)" $(if $(JUDGEMENTS),--judgements "$(JUDGEMENTS)")

proof: setup ## the slow proofs: kill, load, scale
	@.ci/setup spark
	@$(BIN)/python -m pytest -n 2 -m proof $(ARGS)

clean: ## remove .venv and the caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench.json
	@find . -type d -name __pycache__ -prune -exec rm -rf {} +
