# The two commands: `make demo` stands up Northumberland and Durham, `make test` proves everything.
.PHONY: demo test lint unit live bench lock

demo:
	@tools/demo

test: .prepared
	@$(MAKE) --no-print-directory lint
	.venv/bin/python -m pytest

lint: .prepared
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

unit: .prepared
	.venv/bin/python -m pytest -m "not live"

live: .prepared
	.venv/bin/python -m pytest -m live

bench: .prepared
	.venv/bin/python -m bench

.PHONY: .prepared
.prepared:
	@tools/prepare tests

lock:
	.venv/bin/pip-compile -q --extra dev --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --strip-extras -o requirements.lock pyproject.toml
