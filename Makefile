# Two commands on a fresh machine: `make demo` and `make test`. Each sets up all it needs in .venv.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# What is compiled is kept: tests start processes by the hundred, each of which would compile the whole house again.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := -m pip --disable-pip-version-check --quiet install
PIP := $(BIN)/python $(INSTALL)
ARGS ?=

.PHONY: demo test explore crash rot faults soak fuzz described lint clients bench bigartm lock clean

demo: .venv/run.done
	$(BIN)/python -m demo $(ARGS)

# As many tests at once as there are cores; ARGS="-n 0" runs them one by one.
test: .venv/dev.done
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

# `make test` draws the same examples each time; this draws others, ROUNDS times, and prints what fails and how to have it again.
ROUNDS ?= 3
explore: .venv/dev.done
	@for round in $$(seq $(ROUNDS)); do \
		$(BIN)/python -m pytest --numprocesses auto --hypothesis-profile explore -m hypothesis $(ARGS) || exit 1; \
		PHOTOSENSE_TEST_SEED=$$(date +%s) PHOTOSENSE_TEST_LIVES=1000 $(BIN)/python -m pytest tests/compliance/stories/test_random_lives.py || exit 1; done
	PHOTOSENSE_TEST_FORMS_ONE_IN=1 $(BIN)/python -m pytest --numprocesses auto tests/compliance/stories/test_evasion.py

# The store, killed N times at random moments, and turned upside down N times in random order.
N ?= 1000
crash: .venv/dev.done
	PHOTOSENSE_TEST_KILLS=$(N) PHOTOSENSE_TEST_OPERATIONS=$(N) $(BIN)/python -m pytest --hypothesis-profile explore tests/qdrant/stories/test_crash.py tests/qdrant/stories/test_model_based.py

# A home, twenty of whose bytes flip, ROT times: refused or healed, never silently wrong.
ROT ?= 200
rot: .venv/dev.done
	PHOTOSENSE_TEST_ROT=$(ROT) $(BIN)/python -m pytest -s tests/photosense/stories/test_rot.py

# Every step of whatever changes a home fails once, stays failed, and is the last one of its process: before or after, never between.
# Hours; each case is a line of faults.ndjson, and what was stopped goes on where it was.
faults: .venv/dev.done
	$(BIN)/python -m tests.support.fault_run faults.ndjson

# The service under mixed traffic for MIN minutes, while workers are killed, models published and backups made.
MIN ?= 30
soak: .venv/dev.done
	$(BIN)/python -m benchmarks.soak --minutes $(MIN) --page soak.html $(ARGS)

# What reads strangers' bytes, RUNS times each: by atheris where there is a wheel of it, else by mutations of our own.
RUNS ?= 100000
fuzz: .venv/fuzz.done
	$(BIN)/python -m tests.fuzz.run --runs $(RUNS) $(ARGS)

# Whether the service answers as its own description says, asked by schemathesis for SECONDS, by whoever has a key.
SECONDS ?= 600
described: .venv/described.done
	$(BIN)/python -m tests.described --seconds $(SECONDS) $(ARGS)

lint: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What follows from the types of the service in its clients, and the synchronous half of the Python one.
clients: .venv/dev.done
	$(BIN)/python -m clients.python.generate
	$(BIN)/python -m clients.js.generate

bench: .venv/dev.done
	@for name in $(basename $(notdir $(wildcard benchmarks/*.py))); do \
		echo "== $$name"; $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; done

# BigARTM beside the product, as judge of the topic model: it needs a Python 3.11 of its own, on Linux, x86-64.
# Then: export PHOTOSENSE_BIGARTM_PYTHON=$PWD/.venv-bigartm/bin/python
bigartm: .venv-bigartm/done

.venv-bigartm/done: requirements/bigartm.txt
	python3.11 -m venv .venv-bigartm
	.venv-bigartm/bin/python $(INSTALL) --require-hashes --only-binary :all: -r requirements/bigartm.txt
	@touch $@

# The locked packages of the product; then, for work on it, those of the tools. Hashes are checked, versions are exact.
.venv/run.done: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Installing the packages (about 200 MB, a minute) ..." >&2
	$(PIP) --require-hashes --only-binary :all: -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.done: requirements/dev.txt .venv/run.done
	$(PIP) --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

.venv/fuzz.done: requirements/fuzz.txt .venv/dev.done
	$(PIP) --require-hashes --only-binary :all: -r requirements/fuzz.txt || echo "No atheris for this machine." >&2
	@touch $@

.venv/described.done: requirements/described.txt .venv/dev.done
	$(PIP) --require-hashes --only-binary :all: -r requirements/described.txt
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "photosense needs Python 3.11, 3.12 or 3.13; none was found. Name one: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment: on Debian, apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv .venv

# For whoever changes the dependencies: needs `uv` on the PATH. No index addresses are written.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --group build pyproject.toml -o requirements/run.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --group build --extra onnx --extra openvino --extra litert --extra dual pyproject.toml -c requirements/run.txt -c requirements/dev.txt -o requirements/networks.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --group fuzz -o requirements/fuzz.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --quiet --group described -c requirements/run.txt -c requirements/dev.txt -o requirements/described.txt
	printf 'bigartm==0.9.2\nsix>=1.16\n' | uv pip compile --generate-hashes --no-emit-index-url --python-version 3.11 --python-platform x86_64-manylinux_2_28 --quiet -c requirements/run.txt - -o requirements/bigartm.txt

clean:
	rm -rf .venv .venv-bigartm build *.egg-info
