# Everything a fresh machine needs: "make demo" to see it, "make test" to trust it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A file of tests stays in one process: its tests may share a server or an installed wheel.
PARALLEL := -q -n auto --dist loadfile

.PHONY: demo test torture quick check bench docs clean

$(VENV)/demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/test: $(VENV)/demo
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $@

$(VENV)/bench: $(VENV)/test
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e ".[bench]"
	touch $@

# The round trip on the embedded wiki: no root, no server.
demo: $(VENV)/demo
	$(BIN)/wikibridge demo

# Writing under faults, kills and other people's edits, at length; a table of what was tried ends it.
torture: $(VENV)/test
	sh tests/packages.sh
	WIKIBRIDGE_TORTURE=1 $(BIN)/pytest -q tests/torture

# Style, types and the floors of the house.
check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests that need no server.
quick: check
	$(BIN)/pytest $(PARALLEL) -m "not live"

# Everything, the real MediaWiki and Chromium too.
test: check
	sh tests/packages.sh
	$(BIN)/pytest $(PARALLEL)

# Requests, seconds and memory: of the main job on both wikis, of reading beside its peers, of markup beside its peers, of a large mirror.
bench: $(VENV)/bench
	sh tests/packages.sh
	$(BIN)/python bench/main_job.py
	$(BIN)/python bench/reading.py
	$(BIN)/python bench/writing.py
	$(BIN)/python bench/tiki.py
	$(BIN)/python bench/markup.py
	$(BIN)/python bench/mirror.py
	$(BIN)/python bench/summaries.py 10000 100000
	$(BIN)/python bench/state.py

$(VENV)/docs: $(VENV)/demo
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e ".[docs]"
	touch $@

# The documentation as a folder of web pages: open site/index.html. Its search needs a web server before it.
docs: $(VENV)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

clean:
	rm -rf $(VENV) dist site wikibridge-demo test-artefacts
