# Python 3.11+ and make are all that is needed. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv/bin
BOOTSTRAP := $(PYTHON) governance/management/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run stop reset test lint format types lock openapi bench

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

# exec: make's only child is the program itself, so that a signal reaches it.
run: ## build everything, start it, print the address (PORT=8000)
	@exec $(BOOTSTRAP) run

stop: ## stop what `make run` started
	@exec $(BOOTSTRAP) stop

reset: ## throw the local data away; the next `make run` starts afresh
	@exec $(BOOTSTRAP) reset

test: ## every check: lint, format, types, migrations, OpenAPI, all suites
	@$(BOOTSTRAP) test
	@exec $(VENV)/python governance/management/checks.py

lint: ## ruff
	@$(BOOTSTRAP) test
	@$(VENV)/ruff check .

format: ## rewrite the code in the one format
	@$(BOOTSTRAP) test
	@$(VENV)/ruff check --fix-only --quiet . && $(VENV)/ruff format .

types: ## mypy where types are promised
	@$(BOOTSTRAP) test
	@exec $(VENV)/python governance/management/checks.py types

lock: ## compile requirements*.txt and package-lock.json from what is asked for
	@$(BOOTSTRAP) test
	@exec $(BOOTSTRAP) lock

openapi: ## write docs/openapi.yaml from the code
	@$(BOOTSTRAP) test
	@$(VENV)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

bench: ## the measured promises, one ratio each
	@$(BOOTSTRAP) test
	@for script in benchmarks/*.py; do [ "$${script##*/}" = __init__.py ] || $(VENV)/python "$$script" || exit 1; done
