# Two commands: make run, make test. `make help` lists the others.
# The newest interpreter that really runs: a shim of that name may not.
BASE := $(shell for minor in 14 13 12 11; do \
	for found in python3.$$minor $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.$$minor.*/bin/python3.$$minor; do \
	if "$$found" -c 'import venv, ensurepip, sqlite3, ssl' >/dev/null 2>&1; then echo "$$found"; exit; fi; \
	done; done; \
	python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo python3)
PORT ?= 2718
BIN := .venv/bin
CODE := crmlib tests benchmarks notebooks

.PHONY: help venv run test static check format clean

help:
	@echo "make run     安装、建库、载入小型演示数据并启动 http://127.0.0.1:$(PORT)"
	@echo "make test    运行全部测试"
	@echo "make check   格式、静态检查、类型、分层、笔记本、测试"
	@echo "make venv    只安装（含测试与基准所需）"
	@echo "make format  整理代码格式"

venv: .venv/.installed

.venv/.installed: pyproject.toml
	@test -n "$(BASE)" || { echo "需要 Python 3.11 或更新版本（含 venv 模块）" >&2; exit 1; }
	test -x $(BIN)/python || $(BASE) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

run: venv
	@$(BIN)/crm init --demo small --if-empty
	@exec $(BIN)/crm serve --port $(PORT)

# Servers and workers of the tests start a hundred times: none shall compile the product anew.
test: export PYTHONDONTWRITEBYTECODE :=
# Three workers, each with databases of its own: a page waits as often as it works. What failed is
# run once more by itself, on fresh databases: a browser on a busy machine now and then misses a
# deadline, a fault fails again.
test: venv
	$(BIN)/python -m pytest -n 3 --dist loadfile || \
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

static: venv
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/marimo check --strict $(wildcard notebooks/*.py notebooks/*/*.py)

check: static test

format: venv
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache *.egg-info
