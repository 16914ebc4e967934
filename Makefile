# Two targets are all one needs: `make run` plays, `make test` tests. Both install what is missing first.
PYTHON := .venv/bin/python

.PHONY: run test lint types docs bench soak check surface setup setup-test setup-bench format clean

run: setup
	@exec $(PYTHON) run_installation.py run $(ARGS)

test: setup-test lint types
	$(PYTHON) -m tests $(ARGS)

lint: setup-test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/lint-imports

types: setup-test
	$(PYTHON) -m mypy

# The site lies in build/site afterwards, and needs no server. A dead link or a page outside the navigation fails.
docs: setup-test
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict --quiet

bench: setup-bench
	$(PYTHON) -m bench $(ARGS)

# All that takes long, and a report of it: `make soak HOURS=2`; parts of it: `make soak ARGS="--only hours,flood"`
soak: setup-test
	$(PYTHON) -m tests.soak --hours $(or $(HOURS),2) $(ARGS)

check: setup
	@$(PYTHON) run_installation.py check $(ARGS)

surface: setup
	@$(PYTHON) run_installation.py surface $(ARGS)

format: setup-test
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

setup:
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

setup-bench:
	@scripts/setup.sh bench

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
