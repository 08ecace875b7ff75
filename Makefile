PYTHON ?= python3
PORT ?= 8000
MUTANTS ?= 15
SEEDS ?= 20
CHROMIUM ?= chromium
BIN := .venv/bin
.DEFAULT_GOAL := help
export NO_MKDOCS_2_WARNING := 1

.PHONY: help
help:  ## say what each target does
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 10

.PHONY: serve
serve: .venv/site  ## run what is stale and serve the site live on 127.0.0.1 (PORT=8000)
	$(BIN)/python -m mkdocs serve --livereload --dev-addr 127.0.0.1:$(PORT)

.PHONY: build
build: .venv/site  ## write the site to site/, refusing whatever does not balance
	$(BIN)/python -m mkdocs build --strict

.PHONY: publish
publish: .venv/site  ## write the site with an offline copy and a PDF of all pages (needs Chromium: CHROMIUM=…)
	OFFLINE=true $(BIN)/python -m mkdocs build --strict --site-dir .evidence/publish/zigzag
	PUBLISHED=true $(BIN)/python -m mkdocs build --strict
	$(CHROMIUM) --headless --no-sandbox --disable-gpu --no-pdf-header-footer --virtual-time-budget=20000 \
		--print-to-pdf=site/zigzag.pdf "file://$(CURDIR)/.evidence/publish/zigzag/print_page.html"
	cd .evidence/publish && rm zigzag/print_page.* && ../../$(BIN)/python -m zipfile -c ../../site/zigzag.zip zigzag

.PHONY: test
test: .venv/test  ## run every snippet, every check and the browser's view of the site; PAGE=name: what concerns that page
	$(if $(PAGE),PAGE=$(PAGE) KEPT_RESULTS=.evidence) $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: seeds
seeds: .venv/test  ## recompute what chance enters with other seeds, and ask all claims again (SEEDS=20)
	SEEDS=$(SEEDS) $(BIN)/python -m pytest -n auto --timeout 0 tests/test_snippets.py -k other_seeds

.PHONY: whole
whole: .venv/test  ## ask of every snippet what `make test` asks of some: to run by itself, and to refuse wrong values
	WHOLE=1 $(BIN)/python -m pytest -n auto --dist worksteal --timeout 0 -m sampled

.PHONY: torture
torture: .venv/test  ## kill builds hundreds of times, fill disks, damage what is stored, read thousands of odd inputs
	TORTURE=1 $(BIN)/python -m pytest -rP --timeout 0 tests/test_faults.py tests/test_bad_input.py

.PHONY: check
check: .venv/test  ## lint, types, spelling, links, and pages against results, in seconds
	$(BIN)/ruff check -q . && $(BIN)/ruff format -q --check . && $(BIN)/ty check -q && $(BIN)/typos
	$(BIN)/python -m evidence build && $(BIN)/python -m evidence check
	$(BIN)/python tests/typed_numbers.py && $(BIN)/python tests/spelling.py
	$(BIN)/python -m pytest -q -n auto tests/test_prose.py

.PHONY: bench
bench: .venv/test  ## time builds against their floors; ARGUMENTS=--record keeps what the site says about speed
	$(BIN)/python benchmarks/run.py $(ARGUMENTS)

.PHONY: mutants
mutants: .venv/test  ## make mistakes in snippets and equations, and compare what nothing catches with docs/survivors.yml (MUTANTS=15 of each; NAME=snippet)
	$(BIN)/python tests/mutants.py $(NAME) --most $(MUTANTS)

.PHONY: tightness
tightness: .venv/test  ## measure for the ledger how small a change each claim notices (NAME=snippet)
	$(BIN)/python tests/tightness.py $(NAME)

.PHONY: matrix
matrix: .matrix/made  ## build a second site beside each of twenty plugins, which have an environment of their own
	.matrix/bin/python -m pytest -q --tb=short -rf tests/matrix/matrix.py

.PHONY: meter
meter: .venv/test  ## what is left of LaTeX on the built pages of a folder: PAGES=FOLDER of Markdown
	$(BIN)/python tests/meter.py $(PAGES)

.PHONY: font
font: .venv/test  ## cut the mathematics font anew, after a sign was added to zigzag_site/font.py
	$(BIN)/python -m zigzag_site.font theme/assets/math.woff2

.PHONY: picture
picture: .venv/site  ## draw README's picture anew, after the flagship's figure has changed
	$(BIN)/python -m evidence build && $(BIN)/python -m zigzag_site.picture .github

.PHONY: lock
lock: .venv/test  ## pin the newest versions of everything, with hashes
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --python-version 3.11 --upgrade pyproject.toml --group site -o requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --python-version 3.11 --upgrade pyproject.toml --group test -c requirements.txt -o requirements-test.txt
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --python-version 3.11 --upgrade pyproject.toml --group matrix -o tests/matrix/requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --python-version 3.11 --upgrade --group audit -o .github/requirements-audit.txt

.PHONY: clean
clean:  ## remove what was made: environment, results, site
	rm -rf .venv .matrix .evidence site

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/site: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: requirements-test.txt | .venv/site
	$(BIN)/python -m pip install -q --require-hashes -r requirements-test.txt
	@touch $@

.matrix/made: tests/matrix/requirements.txt pyproject.toml | .venv/test
	$(BIN)/uv venv -q --clear --python $(BIN)/python .matrix
	$(BIN)/uv pip install -q --python .matrix/bin/python --require-hashes -r tests/matrix/requirements.txt
	$(BIN)/uv pip install -q --python .matrix/bin/python --no-deps --no-build-isolation -e .
	@touch $@
