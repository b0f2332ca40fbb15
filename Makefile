# Shortcuts; all the work is in scripts/, for machines without make.
.PHONY: run test check bench

# The whole server on this machine alone: make run ARGS="--port-offset 2000"
run:
	@scripts/run $(ARGS)

# Every test, with real peers where they may be installed: make test ARGS="tests/smtp -k starttls"
test:
	@scripts/test $(ARGS)

# Types and style only.
check:
	@scripts/check

# Measures what docs/benchmarks.md reports.
bench:
	@scripts/bench $(ARGS)
