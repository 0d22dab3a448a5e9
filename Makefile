# `make reproduce` and `make test` each work as the first command ever typed: all they need is Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= runs/reproduce
LABORATORY ?= runs/laboratory
AXE := $(VENV)/axe/node_modules/axe-core/axe.min.js
DOCS_ARGS ?= --fresh-env
# Two processes, a file of tests to each in turn: half the time on two cores.
PYTEST_ARGS ?= --numprocesses 2 --dist loadfile
# What meets other people's packages: files, arrays, labels, formulas, the command line.
FLOORS := tests/data tests/stats tests/cli tests/report tests/figures/test_kinds.py tests/engine/test_reference.py \
  tests/results/test_store.py tests/results/test_views.py tests/derivations/test_formula_numeric.py

.PHONY: reproduce laboratory test test-slow test-all test-faults test-floors test-browser docs lint hooks clean

# One folder of results that this target owns: a second `make reproduce` replaces the first.
reproduce: $(VENV)/.installed
	$(BIN)/wd-jax reproduce --out $(OUT) --overwrite

# Every law beside its simulation, and what the site shows of it (docs/laboratory/results, docs/figures/laboratory).
laboratory: $(VENV)/.installed-docs
	$(BIN)/wd-jax laboratory all --out $(LABORATORY) --overwrite
	$(BIN)/python docs/laboratory_pages.py $(LABORATORY)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# What `make test` leaves out: every corruption of every step and formula, MNIST (if WD_JAX_DATA names its folder), and
# interruptions at every place; but not what takes many minutes (-m long).
test-slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "(slow or mnist) and not browser and not long"

# Processes killed, disks filled, files damaged: what was published must survive. PYTEST_ARGS='--kills 300' kills more often.
test-faults: $(VENV)/.installed-faults
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m fault tests/faults tests/sweeps/store

# Both.
test-all: test-slow test

# With the oldest versions that pyproject.toml declares. Their own dependencies are new: what those deprecate is no fault.
test-floors: $(VENV)/.installed-floors
	$(VENV)/floors/bin/python -m pytest $(PYTEST_ARGS) -o filterwarnings=default $(FLOORS)

# The report in a real browser: needs Debian's chromium, and npm for axe-core; what is missing is skipped with a word.
# WD_JAX_RUN names a finished run and saves making one; WD_JAX_SCREENSHOTS names a folder for pictures to look at.
test-browser: $(VENV)/.installed-browser
	@test -e $(AXE) || npm install --silent --no-audit --no-fund --no-save --prefix $(VENV)/axe axe-core@4 || \
	  echo "axe-core could not be installed with npm: the accessibility tests will be skipped" >&2
	$(BIN)/python -m pytest -m browser tests/browser

# The site, in docs/_build/html; a warning, or a link that leads nowhere, is an error. DOCS_ARGS= reads only what has changed.
docs: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx -M html docs docs/_build --fail-on-warning --keep-going --nitpicky $(DOCS_ARGS)
	$(BIN)/python docs/check_links.py docs/_build/html

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyrefly check

# The same before each commit of this clone.
hooks: $(VENV)/.installed-dev
	$(BIN)/pre-commit install

# The environment goes too: the next command builds it again. Results in runs/ stay.
clean:
	rm -rf $(VENV) build dist docs/_build docs/generated .pytest_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is missing or older than 3.11: name a newer one, as in make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp is touched only after a complete installation, so that an interrupted one is done again.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,data,interop,notebook,logs]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,dev,data,interop,notebook,logs]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

$(VENV)/.installed-floors: pyproject.toml | $(VENV)/.installed-dev
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/floors
	$(BIN)/uv pip install --quiet --python $(VENV)/floors/bin/python --resolution lowest-direct --editable '.[test,data]'
	@touch $@

$(VENV)/.installed-faults: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,data,interop,notebook,logs,cluster,export]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

$(VENV)/.installed-browser: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,data,interop,notebook,logs,browser]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

$(VENV)/.installed-docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs,notebook]'
	@touch $@ $(VENV)/.installed
