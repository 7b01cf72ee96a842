# Two commands: `make run` starts Tandem, `make test` tests it. Both do their own set-up in .venv.
# Settings may stand behind: make run PORT=8001 (docs/settings.md lists them).

PYTHON3 = $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell \
	$(name) -c 'import sys, venv, ensurepip; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
PYTHON = .venv/bin/python
PIP = $(PYTHON) -m pip --disable-pip-version-check -q install
NO_PYTHON = Tandem needs Python 3.11 or newer with venv. Install it (on Debian: apt-get install python3 python3-venv), \
	then run make again.

.PHONY: run test lint bench browser mutants

run: .venv/.ready
	@exec $(PYTHON) -m clinic.run --parent $$PPID

test: lint browser
	@$(PYTHON) -m pytest -n 2

# From quick to slow; the first that finds something stops the run.
lint: export TANDEM_ENV = test
lint: .venv/.ready-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djlint --check --lint --quiet templates
	.venv/bin/lint-imports --no-logo
	$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PYTHON) -m mypy .

browser: .venv/.ready-test
	@$(PYTHON) -m tests.browser

# Breaks medications/ in one place after the other, in a copy, and fails where no test notices. About ten minutes.
mutants: export TANDEM_ENV = test
mutants: .venv/.ready-test
	@exec $(PYTHON) -m tests.mutants

bench: .venv/.ready-test
	@exec $(PYTHON) -m benchmarks

# A half-made environment, or one whose Python is gone, is made anew; the mark is set when everything is installed.
.venv/.ready: requirements.txt
	@test -n "$(PYTHON3)" || { echo "$(NO_PYTHON)" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON3) -m venv --clear .venv
	@echo "Installing what Tandem needs into .venv (about half a minute)."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.ready-test: requirements-test.txt .venv/.ready
	@echo "Installing what the tests need into .venv."
	@$(PIP) -r requirements-test.txt
	@touch $@
