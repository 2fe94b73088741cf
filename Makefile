# Needs only Python >= 3.11 with pip: `make demo`, `make test`. Everything lands in .venv, which `make clean` removes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# The outer pip installs into the environment, which then needs none of its own: Debian ships venv without one.
PIP    := $(PYTHON) -m pip --quiet --disable-pip-version-check --python $(BIN)/python
SOURCES := pyproject.toml README.md $(shell find minigrad -type f -not -name '*.pyc')

.PHONY: help demo test deep check bench workloads array-api wheel clean

help:
	@echo "make demo   train the circle classifier and show what it did"
	@echo "make test   run the tests against the installed package"
	@echo "make deep   the same with many more drawn examples"
	@echo "make check  lint, format and types"
	@echo "make bench  the benchmarks, beside hand-written NumPy (and PyTorch: BENCH='--torch-python PATH')"
	@echo "make workloads  the same of larger models, at one thread and more (BENCH='--threads 1 2')"
	@echo "make array-api SUITE=PATH  the public suite of the array API: a checkout of data-apis/array-api-tests"
	@echo "make wheel  build dist/*.whl"

demo: $(VENV)/installed
	$(BIN)/python demos/circle.py $(DEMO)

# From tests/, so that `import minigrad` finds the installed package and not the source tree.
test: $(VENV)/installed-all
	cd tests && ../$(BIN)/pytest $(TEST)

deep: export HYPOTHESIS_PROFILE = deep
deep: test

check: $(VENV)/installed-all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy minigrad $(wildcard demos)

bench: $(VENV)/installed
	$(BIN)/python benchmarks/run.py $(BENCH)

workloads: $(VENV)/installed
	$(BIN)/python benchmarks/workloads.py $(BENCH)

array-api: $(VENV)/installed-all
	@test -f "$(SUITE)/array-api/README.md" || { echo "make array-api SUITE=PATH: no array-api-tests with its submodule there"; exit 2; }
	$(PIP) install --requirement $(SUITE)/requirements.txt
	$(BIN)/python tests/array_api/run.py $(SUITE)

wheel: $(SOURCES)
	rm -rf dist
	$(PYTHON) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "minigrad needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ": make ... PYTHON=python3.12")'
	$(PYTHON) -m venv --without-pip $(VENV)

# Stamps: installed again only when a source file is newer.
$(VENV)/installed: $(VENV)/pyvenv.cfg $(SOURCES)
	$(PIP) install '.[terminal,plot]'
	@touch $@

$(VENV)/installed-all: $(VENV)/pyvenv.cfg $(SOURCES)
	$(PIP) install '.[all]'
	@touch $(VENV)/installed $@
