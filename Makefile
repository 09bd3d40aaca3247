# Everything below needs nothing but make and Python 3.11 or newer.
#
#   make demo     environment, the bundled site served on loopback, a crawl of it, what came out
#   make test     environment, every test
#   make check    format, lint and types

.DELETE_ON_ERROR:
.PHONY: demo test check environment clean help

VENV := .venv
BIN := $(VENV)/bin
# The requirements that the environment was made for; it is brought up to date when they change.
INSTALLED := $(VENV)/installed-requirements.txt

help:
	@sed -n 's/^#   //p' Makefile

demo: environment
	@$(BIN)/scrapy demo

test: environment
	@$(BIN)/python -m pytest -n auto --dist worksteal

check: environment
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

environment: $(INSTALLED)

$(INSTALLED): requirements.txt requirements-browser.txt .ci/make-environment
	@sh .ci/make-environment $(VENV) $(INSTALLED)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
