# The two commands: `make demo` stands up Northumberland and Durham, `make test` proves everything.
# Three processes, because live tests wait a third of their time; tests/conftest.py says which tests stay together.
PROCESSES = -n 3 --no-loadscope-reorder

.PHONY: demo test lint unit live campaign bench lock reference pulumi

demo:
	@tools/demo

# An engine that is started here starts itself anew several times for each container, which takes a quarter less of a
# processor when it does not collect garbage meanwhile.
test: export GOGC = 400
test: .prepared
	@$(MAKE) --no-print-directory lint
	.venv/bin/python -m pytest $(PROCESSES)

lint: .prepared
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/vulture
	.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv/bin/check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	.venv/bin/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
	.venv/bin/check-jsonschema --check-metaschema schemas/*.json
	.venv/bin/check-jsonschema --schemafile schemas/engines.schema.json examples/engines.yaml
	.venv/bin/pre-commit validate-manifest .pre-commit-hooks.yaml
	.venv/bin/pre-commit validate-config .pre-commit-config.yaml examples/pre-commit-config.yaml
	.venv/bin/zizmor --offline --quiet --persona pedantic .github

unit: .prepared
	.venv/bin/python -m pytest $(PROCESSES) -m "not live and not pulumi"

live: .prepared
	.venv/bin/python -m pytest $(PROCESSES) -m live

# The attacks of `make test` in full: one to two hours. MOOTHALL_SEED repeats a campaign.
campaign: .prepared
	MOOTHALL_KILLS=200 MOOTHALL_SIGNALS=50 MOOTHALL_PAIRS=100 MOOTHALL_STACKS=16 MOOTHALL_RESTARTS=30 \
	MOOTHALL_DISK_STEPS=30 MOOTHALL_MUTATIONS=300 MOOTHALL_TRAPS=each MOOTHALL_NEIGHBOURS=whole \
	.venv/bin/python -m pytest -s tests/attack tests/neighbours tests/traps tests/live/test_verbs_among_traps.py

bench: .prepared
	.venv/bin/python -m bench

.PHONY: .prepared
.prepared:
	@tools/prepare tests

lock:
	.venv/bin/pip-compile -q --extra dev --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --strip-extras -o requirements.lock pyproject.toml

reference:
	.venv/bin/moothall schema --reference > docs/reference.md

pulumi:
	@tools/pulumi/build
