# Two commands are all a newcomer needs: make train, make test.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: train test check setup lock bench bench-follow soak fuzz agree clean

train: setup  ## train on the bundled sample and show the report
	$(BIN)/wifitrain

test: setup check  ## every check and test
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: setup  ## style, types and architecture
	$(BIN)/ruff format --check wifitrain tests benchmarks
	$(BIN)/ruff check wifitrain tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/.complete

.venv/.complete: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

LOCK := uv pip compile --universal --generate-hashes --no-header --python-version 3.11 --quiet pyproject.toml

lock:  ## resolve the lock files again (needs uv)
	$(LOCK) --group dev --all-extras --output-file requirements/dev.txt
	$(LOCK) --constraint requirements/dev.txt --no-annotate --output-file requirements/run.txt

bench: setup  ## measure against the design and the limit (BENCH_ROWS=100000 for a short one)
	$(BIN)/python -m benchmarks

bench-follow: setup  ## a follower's memory over 10 million lines (FOLLOW_LINES=1000000 for a short one)
	$(BIN)/python -m benchmarks.follow

soak: setup  ## long fault tests of the model store
	$(BIN)/python -m tests.storage.soak

fuzz: setup  ## flipped bits and bent structures against the reader of edge artefacts
	$(BIN)/python -m tests.edge.fuzz

agree: setup  ## a million simulated lines through the engine and the slow reference
	$(BIN)/python -m tests.events.million

clean:
	rm -rf .venv build dist outputs models
