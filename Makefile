# Everything that a contributor runs. `make` alone lists the targets; ARGS goes to the tool behind a target.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check chaos scale test-matrix mutation bench update-goldens schema readme pictures docs lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

setup: $(VENV)/.ready ## create .venv with the locked dependencies

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@scripts/setup "$(PYTHON)" "$(VENV)"

demo: setup ## the main job on examples/, on a real Keycloak
	@$(BIN)/python scripts/demo.py

check: setup ## format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Two processes: on 2 cores more are no faster, as they share one Keycloak. A file's tests stay in one process, in order.
test: check ## every check and every test, on a real Keycloak
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

chaos: setup ## each case of the tests that otherwise take a sample: every write, every read, every line that breaks
	@$(BIN)/python -m pytest -n 2 --dist loadfile --every-case -m chaos $(ARGS)

scale: setup ## 10,000 organizations in 500 MB, of which the other tests take a tenth
	@$(BIN)/python -m pytest -m scale $(ARGS)

RELEASES ?= 26.0.8 26.1.4 26.2.5 26.3.5 26.4.7 26.5.6 26.7.5
test-matrix: setup ## the main job on every minor release of Keycloak 26; a few of them with RELEASES="26.3.5 26.7.5"
	@code=0; for release in $(RELEASES); do echo "Keycloak $$release:"; RECONCILER_TEST_RELEASE=$$release \
	  $(BIN)/python -m pytest -q tests/e2e/test_releases.py $(ARGS) || code=$$?; done; exit $$code

mutation: setup ## change the code at 300 random places, and say which changes no test notices
	@$(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/mutation.txt
	@$(BIN)/python -m scripts.mutation $(ARGS)

bench: setup ## requests, seconds, growth, memory, and the ratio to bare concurrent reads
	@$(BIN)/python scripts/bench.py $(ARGS)

update-goldens: setup ## rewrite the expected files of tests/scenarios; review the result like code
	@$(BIN)/python -m pytest tests/scenarios --update

schema: setup ## rewrite schema/
	@$(BIN)/reconciler schema manifest > schema/manifest.schema.json
	@$(BIN)/reconciler schema overlay > schema/overlay.schema.json
	@$(BIN)/reconciler schema settings > schema/settings.schema.json
	@$(BIN)/reconciler schema plan > schema/plan.schema.json
	@$(BIN)/reconciler schema diagnosis > schema/diagnosis.schema.json

readme: setup ## rewrite the help texts, the manual page, the table of findings, and the index of the decisions
	@$(BIN)/python -m pytest tests/unit/test_readme.py tests/unit/test_decisions_doc.py tests/unit/cli/test_man.py \
	  tests/unit/test_findings_doc.py --update

pictures: setup ## the HTML review of 1, 20 and 200 changes, in light, dark and on a phone, in build/pictures: look at them
	@$(BIN)/python -m scripts.pictures

docs: setup ## the documents as a site with search, in build/docs: open build/docs/index.html
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -c scripts/site -d build/.doctrees . build/docs $(ARGS)

lock: setup ## pin new dependencies, with hashes; all of them again with ARGS=--upgrade
	@scripts/lock "$(BIN)" $(ARGS)

clean: ## remove what make made
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage
