# `make book` and `make test` are the two commands; each sets everything up first.
.PHONY: book test verify results readme lock clean

PYTHON ?= $(shell for p in python3.12 python3.13 python3; do \
  $$p -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
RUN = .venv/bin/python -m

# The stamp bears the lock's checksum and is written last:
# a changed lock or an interrupted install makes the environment anew.
READY := .venv/ready-$(shell cksum < requirements.lock | tr ' ' '-')

$(READY):
	@test -n "$(PYTHON)" || { echo "make: needs Python 3.12 or 3.13 (set PYTHON=...)" >&2; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(RUN) pip install --quiet --require-hashes --requirement requirements.lock
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

book: $(READY)
