# Each target runs a small script in tools/; the scripts also work without make.
.PHONY: run test test-all coverage lint format messages lock audit licenses screenshots bench soak load cluster chaos fuzz clean

run:         ## set up the site and serve it on http://127.0.0.1:8000 (HOST, PORT)
	@exec tools/run

test:        ## run all checks: linters, type checks, unit tests, browser tests
	@exec tools/test

test-all:    ## run all checks with exhaustive sweeps, new random examples and coverage, before a release
	@exec tools/test-all

coverage:    ## run all checks and measure line and branch coverage
	@COVERAGE=1 exec tools/test

lint:        ## run only the linters and type checks
	@exec tools/lint

format:      ## format the Python code with ruff
	@exec tools/format

messages:    ## extract the translatable texts into locale/
	@exec tools/messages

lock:        ## compile requirements/*.txt from the ranges in pyproject.toml (needs uv; OPTIONS=--upgrade)
	@exec python3 tools/lock.py $(OPTIONS)

audit:       ## report known vulnerabilities of the locked packages
	@exec tools/audit

licenses:    ## list the licenses of all installed packages
	@exec .venv/bin/python tools/licenses.py

screenshots: ## re-create docs/screenshots/ with a real server and a real browser
	@exec tools/screenshots

bench:       ## measure the engine on this machine
	@exec tools/bench

soak:        ## measure memory while four viewers of SITE (one, apart, cluster) stream for MINUTES (60)
	@exec .venv/bin/python tests/bench/soak.py --minutes $(or $(MINUTES),60) --site $(or $(SITE),one)

load:        ## raise the number of viewers until SITE (one, apart, cluster) exceeds its latency limit
	@exec .venv/bin/python tests/bench/load.py --site $(or $(SITE),one)

cluster:     ## run the parts of a multi-machine site: PostgreSQL, Redis, nginx, two web processes, Ray Serve
	@exec tools/cluster tests/cluster.py

chaos:       ## break a cluster part by part and measure what its viewers lose
	@exec tools/cluster tests/bench/chaos.py --markdown

fuzz:        ## send MESSAGES (1000000) mutated messages to a server while another client streams
	@exec .venv/bin/python tests/bench/fuzz.py --messages $(or $(MESSAGES),1000000)

clean:       ## remove everything that `make run` and `make test` created, except var/ (the history)
	@rm -rf .venv .cache node_modules staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
