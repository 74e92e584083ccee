# Digit Lab. Needs Python 3.11 to 3.13 with pip, and make; everything else goes into .venv.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8501
HOST ?= localhost
ARGS ?=
TEST_PROCESSES ?= 2

VENV := .venv
IN_VENV := $(VENV)/bin/python
INSTALL := $(IN_VENV) -m pip install --disable-pip-version-check --no-input -c constraints.txt

# A stamp is written only after pip succeeded, and is older than a requirement file that changed.
CREATED := $(VENV)/.created
APP_INSTALLED := $(VENV)/.installed-app
DEV_INSTALLED := $(VENV)/.installed-dev

.PHONY: help install run test check format screenshots

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  PORT=8600 chooses another port, PYTHON=python3.12 another Python for a new .venv,"
	@echo "  HOST=0.0.0.0 lets other devices on the network reach the app,"
	@echo "  ARGS='-k noise' hands options to pytest."

# Debian splits venv's own pip into the package python3-venv. Where that is missing, the pip that
# is there puts one into the new environment.
$(CREATED):
	$(PYTHON) -m venv $(VENV) \
		|| { $(PYTHON) -m venv --clear --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $(IN_VENV) install pip; }
	@touch $@

$(APP_INSTALLED): requirements.txt requirements-server.txt constraints.txt | $(CREATED)
	$(INSTALL) -r requirements.txt
	@touch $@

# The tests' requirements include the app's, so this install counts for both.
$(DEV_INSTALLED): requirements-dev.txt requirements.txt requirements-server.txt constraints.txt | $(CREATED)
	$(INSTALL) -r requirements-dev.txt
	@touch $(APP_INSTALLED) $@

install: $(APP_INSTALLED) ## put what the app needs into .venv

run: $(APP_INSTALLED) ## start the app on http://localhost:8501
	$(IN_VENV) -m streamlit run app.py --server.port $(PORT) --server.address $(HOST)

test: $(DEV_INSTALLED) ## run every test
	$(IN_VENV) -m pytest -n $(TEST_PROCESSES) $(ARGS)

check: $(DEV_INSTALLED) ## format, lint, types, imports, then every test
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m mypy .
	$(VENV)/bin/lint-imports --no-logo
	$(IN_VENV) -m pytest -n $(TEST_PROCESSES) $(ARGS)

format: $(DEV_INSTALLED) ## put the code into its standard form
	$(IN_VENV) -m ruff format .
	$(IN_VENV) -m ruff check --fix .

screenshots: $(DEV_INSTALLED) ## take the README's pictures from the running app
	$(IN_VENV) -m tests.screenshots
