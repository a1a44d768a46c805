# `make chat` opens the chat, `make test` runs the tests; each prepares all it needs first.

PYTHON ?= $(shell for v in python3.13 python3.12 python3.11 python3; do \
	command -v $$v >/dev/null && $$v -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$v && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
# Only files whose SHA-256 stands in a lock are installed. No dependency is looked up: the locks hold all of them.
LOCKED := $(PIP) --no-deps --require-hashes
# `make chat UNLOCKED=1` takes the versions of constraints.txt, whatever their files hold, where a lock has none that fits.
UNLOCKED ?=
# What looks at the program's dependencies has an environment of its own.
SUPPLY := build/supply
TORCH := 2.13.0
UV := $(SUPPLY)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header -c constraints.txt --index-url https://pypi.org/simple

.PHONY: chat test fast slow model lint docs site pictures lock audit sbom coverage mutation clean

chat: $(VENV)/.installed
	@$(BIN)/assistant

test: lint fast slow model

# Style, types and layers.
lint: $(VENV)/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is quick, without a screen or a real model.
fast: $(VENV)/.developer
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not model and not slow" -n 2 --dist loadfile

# Screens, attacks, short forms of the long runs, whole experiments on a tiny model.
slow: $(VENV)/.developer
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "slow and not model" -n 2 --dist loadfile

# The real model and the shipped bank.
model: $(VENV)/.developer
	$(BIN)/pytest -m model

# The pages that are written from the program itself.
docs: $(VENV)/.installed
	$(BIN)/python -m assistant.tui.commands_page > docs/commands.md
	$(BIN)/python -m assistant.settings.page > docs/settings.md

$(VENV)/.installed: pyproject.toml constraints.txt requirements.lock requirements-torch.lock torch-cpu.lock carriers.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (a few minutes, once) …"
ifeq ($(UNLOCKED),)
	@$(LOCKED) -r requirements.lock || { echo "requirements.lock has no file for this machine or one that is not as it was: \
	make $(MAKECMDGOALS) UNLOCKED=1 installs without comparing files."; exit 1; }
	@$(LOCKED) -r torch-cpu.lock 2>/dev/null || { echo "No CPU build of torch in reach: taking PyPI's."; $(LOCKED) -r requirements-torch.lock; }
	@$(LOCKED) -r carriers.lock
	@$(PIP) --no-deps --no-build-isolation -e .
else
	@echo "Files are not compared with the locks."
	@$(PIP) torch==$(TORCH) -c constraints.txt
	@$(LOCKED) -r carriers.lock
	@$(PIP) -e . -c constraints.txt
endif
	@touch $@

$(VENV)/.developer: $(VENV)/.installed requirements-dev.lock
ifeq ($(UNLOCKED),)
	@$(LOCKED) -r requirements-dev.lock
else
	@$(PIP) -e '.[dev]' -c constraints.txt
endif
	@touch $@

# The locks anew, after pyproject.toml or constraints.txt has changed. They hold the files of all platforms.
lock: $(SUPPLY)/.installed
	$(UV) --extra build -o build/all.lock
	$(PYTHON) -m tests.reliability.locks build/all.lock requirements.lock requirements-torch.lock
	$(UV) --extra build --extra dev -o build/dev.lock
	$(PYTHON) -m tests.reliability.locks build/dev.lock requirements-dev.lock build/torch.lock

# Known weaknesses of what is installed, and a bill of materials; the first needs an advisory database in the network.
audit: $(SUPPLY)/.installed
	$(SUPPLY)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.lock

sbom: $(SUPPLY)/.installed $(VENV)/.installed
	$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
		--of JSON -o build/sbom.cdx.json $(VENV)

$(SUPPLY)/.installed:
	@test -x $(SUPPLY)/bin/python || $(PYTHON) -m venv $(SUPPLY)
	@$(SUPPLY)/bin/pip install --quiet --disable-pip-version-check uv==0.13.9 pip-audit==2.10.1 cyclonedx-bom==7.5.0
	@touch $@

# Which lines and branches the tests without a real model reach, and whether they would notice a change of meaning in the core.
coverage: $(VENV)/.developer
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not model" -n 2 --dist loadfile --cov --cov-report=json:build/coverage.json
	$(BIN)/python -m tests.reliability.coverage build/coverage.json

SAMPLE ?= 0
mutation: $(VENV)/.developer
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.reliability.mutation --sample $(SAMPLE)

# The docs as a site in build/site, and the pictures in them.
site: $(VENV)/.installed
	@$(PIP) -e '.[docs]' -c constraints.txt
	$(BIN)/mkdocs build --strict

pictures: $(VENV)/.developer
	$(BIN)/python -m tests.tui.pictures docs/images

clean:
	rm -rf $(VENV) build dist mutants *.egg-info
