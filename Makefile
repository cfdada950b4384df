# `make book` and `make test` are the two commands; each sets everything up first.
.PHONY: book messages test verify results calibration sensitivity sectors batch_speed readme teaching print lock clean

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

# The draft is built first and replaces the last good book only when whole. A failed draft goes:
# Sphinx would not repeat its warnings for pages that it has already read.
DRAFT = _build/draft/_build/html
# The Chinese edition is made from the English pages and refuses a text without its translation; who changes the English
# text builds it alone: make book EDITIONS=en
EDITIONS ?= en zh
TRANSLATION = PYTHONPATH=book/_ext:$$PYTHONPATH $(RUN) translation

# A reader's own tables are checked before anything runs on them.
book: $(READY)
	$(if $(DIGITAL_ECONOMY_DATA),$(RUN) digital_economy own_data)
	.venv/bin/jupyter-book build . --toc book/_toc.yml --path-output _build/draft -W --keep-going -q \
	  || { rm -rf _build/draft; exit 1; }
	rm -rf _build/html.new && cp -R $(DRAFT) _build/html.new
	$(if $(filter zh,$(EDITIONS)),$(TRANSLATION) chinese _build/html.new)
	rm -rf _build/html && mv _build/html.new _build/html
	@echo "_build/html/index.html"

# The texts of the built book are the messages; this brings the catalogues in book/locale up to date with it.
messages: $(READY)
	$(TRANSLATION) messages

# The book as one PDF, from the pages as they stand; needs Chromium. EDITION=zh prints the Chinese one.
PRINTED = $(filter-out en,$(EDITION))
print: book
	.venv/bin/python book/print.py _build/html$(PRINTED:%=/%) _build/book$(PRINTED:%=-%).pdf

# Two at a time, file by file, in the order of tests/conftest.py: while one builds books, the other computes or looks at pages.
test: $(READY)
	$(RUN) pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

verify: $(READY)
	$(RUN) digital_economy verify

# After a change that is meant to move results:
results: $(READY)
	$(RUN) digital_economy freeze

# Minutes of fits, on all cores or on the cluster at DASK_SCHEDULER_ADDRESS; an interrupted run goes on where it was.
calibration sensitivity sectors: $(READY)
	$(RUN) digital_economy $@

batch_speed: $(READY)
	.venv/bin/python benchmarks/arimax_batch.py --store

readme: $(READY)
	$(RUN) digital_economy readme

# Notebooks for students and teachers, and handouts, under _build/teaching:
teaching: $(READY)
	$(RUN) digital_economy teaching

# After a change of the dependencies in pyproject.toml (needs uv):
lock:
	uv pip compile pyproject.toml --quiet --universal --python-version 3.12 --generate-hashes --no-header \
	  --no-annotate --extra book --extra cluster --extra test --extra build --output-file requirements.lock
	sed -n '/- pip:/q;p' environment.yml > environment.new
	echo '  - pip:' >> environment.new
	sed -nE 's/^([A-Za-z0-9][^ ]*==[^ ;]+)( ; .*[^\\ ])? *\\$$/      - "\1\2"/p' requirements.lock >> environment.new
	echo '      - --editable .' >> environment.new
	mv environment.new environment.yml

clean:
	rm -rf _build
