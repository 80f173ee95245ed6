# Two commands: `make run` starts the chat, `make test` checks everything. Each step is skipped when it is done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TESTABLE := $(VENV)/.testable
# The language model's runtime is compiled on installation; let the build use every core.
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell getconf _NPROCESSORS_ONLN)
# Compiled by some versions of gcc, its code for Intel's AMX dies of an illegal instruction (llama.cpp, pull request 26954).
export CMAKE_ARGS ?= -DCMAKE_C_FLAGS=-U__AMX_INT8__ -DCMAKE_CXX_FLAGS=-U__AMX_INT8__
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: run test check bench clean distclean

run: $(INSTALLED)
	@echo "== Models"
	@$(BIN)/onrecord models pull
	@echo "== Index"
	@$(BIN)/onrecord build
	@echo "== Chat"
	@$(BIN)/onrecord chat

test: $(TESTABLE)
	@echo "== Browser for the tests"
	@scripts/chromium
	@echo "== Models"
	@$(BIN)/onrecord models pull
	@$(MAKE) --no-print-directory check
	@echo "== Tests"
	@$(BIN)/pytest

check: $(TESTABLE)
	@echo "== Style and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(TESTABLE)
	@for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

clean:
	find index -mindepth 1 ! -name README.md -delete
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

distclean: clean
	rm -rf $(VENV)

$(BIN)/python:
	@echo "== Python environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "OnRecord needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "If a newer one is installed, name it: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml | $(BIN)/python
	@$(BIN)/python -c 'import llama_cpp' 2>/dev/null || command -v $${CXX:-c++} >/dev/null || { \
		echo "A C and C++ compiler is needed to build the language model's runtime." >&2; \
		echo "Debian, Ubuntu: apt install build-essential. Fedora: dnf install gcc-c++. macOS: xcode-select --install" >&2; \
		exit 1; }
	@echo "== PyTorch"
	@$(BIN)/pip install "$$(grep -o 'torch==[0-9.]*' pyproject.toml)"
	@echo "== OnRecord and what it needs (the language model's runtime is compiled: about five minutes on two cores)"
	@$(BIN)/pip install --editable .
	@touch $@

$(TESTABLE): $(INSTALLED)
	@echo "== What the tests need"
	@$(BIN)/pip install --editable '.[dev,fast]'
	@touch $@
