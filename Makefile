# Two commands do everything on a fresh machine: «make demo» and «make test». Each does its own set-up in .venv.

# The first of these that starts and is new enough; a name that is there may still be an empty shell.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
# Test processes at once: each has its own PostgreSQL, its own practice town and its own Chromium. Twice as many as
# there are cores, since much of a test is waiting for a system to settle: with three on two cores these had rests.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) * 2)))

# These start browsers and event loops of their own, which do not go together with a warm browser in the test process.
APART := tests/practice tests/worker
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What Python has compiled is kept for the next process, whatever the shell says: nothing is compiled when it is
# installed, and a test that starts a dozen processes would compile a dozen times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test test-long test-external levels docs style check bench chaos soak canaries fuzz screenshots supply mutants lock clean

help:
	@echo "make demo    three robots work through sixty cases in the practice municipality"
	@echo "make test    style, types, layers and the tests"
	@echo "make test-long   all tests: every fault in every system"
	@echo "make chaos   let everything die at every moment, and see that nothing is made twice or lost"
	@echo "make soak    ten thousand runs, a week that nobody watches, ten years of every schedule"
	@echo "make canaries  plant what must never be written, let every task and fault go by, and look for it everywhere"
	@echo "make fuzz    an hour of odd text and bytes for each thing that reads what comes from outside"
	@echo "make test-external   the tests on Debian's PostgreSQL, over TCP with TLS and a password"
	@echo "make bench   the figures, each beside what it is compared to"
	@echo "make levels  try every system's driver, and write down the level that it has shown"
	@echo "make docs    write docs/tasks.md from the tasks themselves"
	@echo "make screenshots   pictures of every page of the desk, and those in the documentation anew"
	@echo "make supply  what Ragnhild is made of (SBOM), whether it fits together, and what bandit says of the code"
	@echo "make mutants   spoil the ledger, redaction, rights and retention in one place at a time: do the tests notice?"
	@echo "make lock    pin all packages anew, with hashes"

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 eller senare behövs. Ange var den finns: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -y -q python3-venv && $(PYTHON) -m venv --clear .venv; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m robots.browser.install
	@touch .venv/ready

demo: setup
	$(BIN)/ragnhild demo

test: style
	$(call BESIDE_TYPES,$(PYTEST) $(APART) -m "not long")
	$(PYTEST) $(APART:%=--ignore=%) -m "not long"

test-long: style
	$(call BESIDE_TYPES,$(PYTEST) $(APART))
	$(PYTEST) $(APART:%=--ignore=%)

# A server of the tests' own out of Debian's package; the package's own service is not used, and stopped if it starts.
SERVER = ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1

test-external: setup
	@$(SERVER) || [ "$$(id -u)" != 0 ] || { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql && { service postgresql stop || true; }; } || true
	@if $(SERVER); then \
		RAGNHILD_TEST_DATABASE=external $(PYTEST) $(APART:%=--ignore=%) --ignore=tests/architecture -m "not long"; \
	else \
		echo "Överhoppat: Debians PostgreSQL finns inte här och gick inte att installera (apt-get install postgresql)."; \
	fi

# Which level each system's driver has shown, computed from what passes in the whole contract suite.
levels: setup
	RAGNHILD_WRITE_LEVELS=1 $(PYTEST) tests/contract

# What the tasks say of themselves.
docs: setup
	$(BIN)/ragnhild tasks --describe > docs/tasks.md

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check: style
	$(BIN)/mypy

# mypy keeps one core busy for most of a minute, and what it has said is shown afterwards. The tests are compiled first,
# once: else each test process would do it for itself.
define BESIDE_TYPES
@mkdir -p build; nice $(BIN)/mypy >build/types.txt 2>&1 & types=$$!; \
$(BIN)/python -m pytest --collect-only -qq >/dev/null 2>&1; $(1); tests=$$?; \
wait $$types; types=$$?; cat build/types.txt; exit $$((tests + types))
endef

chaos: setup
	$(BIN)/python -m tests.chaos all

# What is right for hours, days and years: ten thousand runs, a week that nobody watches, ten years of every schedule.
soak: setup
	$(BIN)/python -m tests.chaos soak
	$(BIN)/python -m tests.chaos week
	$(BIN)/python -m tests.chaos week --control
	$(BIN)/python -m pytest -m long tests/unit/test_schedule_years.py

# Personal data and secrets that must be found nowhere afterwards, in pictures by OCR too.
OCR = command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -qx swe
canaries: setup
	@$(OCR) || [ "$$(id -u)" != 0 ] || { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q tesseract-ocr tesseract-ocr-swe; }
	$(BIN)/python -m tests.canaries

# PARSER="schedules tokens" takes those, SECONDS=60 a minute for each.
fuzz: setup
	$(BIN)/python -m tests.fuzz $(PARSER) $(if $(SECONDS),--seconds $(SECONDS))

bench: setup
	$(BIN)/python -m benchmarks

# All pages in both themes, wide and on a phone, into build/screenshots; docs/pictures/desk-*.png are written anew.
screenshots: setup
	RAGNHILD_WRITE_PICTURES=1 $(BIN)/python -m pytest -p no:cacheprovider tests/journey/test_desk_pictures.py

# The list of what is installed is reproducible: the same packages give the same file.
supply: setup
	$(BIN)/python -m pip check
	@test -x build/supply/bin/bandit || { $(PYTHON) -m venv build/supply && build/supply/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-supply.lock; }
	build/supply/bin/bandit --quiet --recursive --severity-level medium robots tasks
	build/supply/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-file build/sbom.cdx.json $(BIN)/python
	@echo "build/sbom.cdx.json"

# Less than 95 of a hundred noticed, in any of them, is a failure. WHICH="ledger --survivors" takes one, and what was left.
mutants: setup
	@test -x build/mutants/bin/cosmic-ray || { $(PYTHON) -m venv build/mutants && build/mutants/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutants.lock; }
	$(BIN)/python -m tests.mutants $(WHICH)

# uv resolves for all systems and Python versions at once; no address of a registry is written.
COMPILE = $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --upgrade
lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(COMPILE) pyproject.toml --extra dev -o requirements.lock
	$(COMPILE) --group supply -o requirements-supply.lock
	$(COMPILE) --group mutants -o requirements-mutants.lock

clean:
	rm -rf .venv .ragnhild build *.egg-info
