# Two commands on a fresh machine with Python >= 3.11, make and git: `make demo` and `make test`.
# Everything is installed into .venv; nothing outside this folder is touched.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
COMPAT := .venv-gymnasium-1.0
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Linux without a GPU gets torch's CPU build (190 MB) and can never be given CUDA wheels (3 GB): only the CPU build
# carries the local version +cpu. Where the configured index does not have it, torch's own CPU index does.
TORCH     := torch==2.13.0
TORCH_CPU := https://download.pytorch.org/whl/cpu
HAS_GPU   := $(shell nvidia-smi -L >/dev/null 2>&1 && echo yes)
ifeq ($(shell uname -s)$(HAS_GPU),Linux)
INSTALL_TORCH = echo "installing torch, CPU build (190 MB)" && \
	($(PIP) "$(TORCH)+cpu" 2>/dev/null || $(PIP) "$(TORCH)+cpu" --extra-index-url $(TORCH_CPU))
else
INSTALL_TORCH = echo "installing torch (3 GB where it brings CUDA)" && $(PIP) "$(TORCH)"
endif

.PHONY: help demo test templates check format lint types build compat clean

help:      ## Show the targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /: /'

demo: $(VENV)/train      ## Install, then train a small model on the CPU until it can add (about 4 minutes)
	$(BIN)/llm-envs demo

test: $(VENV)/dev templates  ## Install, then run all tests
	$(BIN)/python -m pytest -n auto

templates: $(VENV)/dev   ## Fetch other projects' chat templates, for the tests to serve (77 MB)
	$(BIN)/python tests/chat/templates.py || echo "not fetched: the tests serve the installed ones"

check: format lint types test compat build      ## Every gate that a change must pass

format: $(VENV)/dev      ## Is the code formatted?
	$(BIN)/ruff format --check .

lint: $(VENV)/dev        ## Ruff, nearly all of it
	$(BIN)/ruff check .

types: $(VENV)/dev       ## mypy --strict on the package
	$(BIN)/mypy

compat: $(COMPAT)/ready  ## The env tests under the oldest supported Gymnasium
	$(COMPAT)/bin/python -m pytest -q -p no:cacheprovider $(COMPAT_TESTS)

build: $(VENV)/dev       ## Build wheel and sdist, and import the wheel in an empty environment
	rm -rf dist build/wheel-check
	$(BIN)/python -m build --quiet
	$(BIN)/python -m venv build/wheel-check
	build/wheel-check/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	cd build && wheel-check/bin/python -c "import gymnasium, llm_envs; gymnasium.make('llm/Math-v0').reset(seed=0)"

clean:     ## Remove what the targets above made
	rm -rf $(VENV) $(COMPAT) .bootstrap .cache dist build

# What can differ between versions of Gymnasium, and needs neither torch nor transformers.
COMPAT_TESTS := $(addprefix tests/test_,$(addsuffix .py,spaces views session registry parallel vector env render)) \
	tests/testing/test_conformance.py tests/envs

$(BIN)/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'llm-envs needs Python 3.11 or newer')"
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); $(PYTHON) -m pip install --quiet --target .bootstrap virtualenv && \
		PYTHONPATH=.bootstrap $(PYTHON) -m virtualenv --quiet $(VENV); }

$(VENV)/torch: | $(BIN)/python
	@$(INSTALL_TORCH)
	@touch $@

$(VENV)/train: pyproject.toml | $(VENV)/torch
	$(PIP) --editable ".[train]"
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/torch
	$(PIP) --editable ".[dev]"
	@touch $@

$(COMPAT)/ready: pyproject.toml
	$(PYTHON) -m venv $(COMPAT)
	$(COMPAT)/bin/python -m pip install --quiet --disable-pip-version-check \
		"gymnasium==1.0.0" "pytest>=8.3" "hypothesis>=6.100" --editable .
	@touch $@
