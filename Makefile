# Each target is a small script under tools/; run them without make where you like.
.PHONY: run test test-all lint format messages screenshots bench soak load cluster chaos fuzz clean

run:         ## set the site up and serve it on http://127.0.0.1:8000 (HOST, PORT)
	@exec tools/run

test:        ## everything that must hold: linters, types, unit tests, browser tests
	@exec tools/test

test-all:    ## the same with every sweep whole and new random examples: before a release
	@exec tools/test-all

lint:        ## the linters and type checks alone
	@exec tools/lint

format:      ## let ruff write the Python the way it is written here
	@exec tools/format

messages:    ## collect the texts to translate into locale/
	@exec tools/messages

screenshots: ## make docs/screenshots/ anew, with a real server and a real browser
	@exec tools/screenshots

bench:       ## measure the engine on this machine
	@exec tools/bench

soak:        ## watch memory while four viewers of SITE (one, apart, cluster) stream for MINUTES (60)
	@exec .venv/bin/python tests/bench/soak.py --minutes $(or $(MINUTES),60) --site $(or $(SITE),one)

load:        ## raise the number of viewers until SITE (one, apart, cluster) is no longer live
	@exec .venv/bin/python tests/bench/load.py --site $(or $(SITE),one)

cluster:     ## the site as on several machines: PostgreSQL, Redis, nginx, two web processes, Ray Serve
	@exec tools/cluster tests/cluster.py

chaos:       ## break a cluster part by part, and count what its viewers lose
	@exec tools/cluster tests/bench/chaos.py --markdown

fuzz:        ## send MESSAGES (1000000) mutated messages to a server while somebody streams beside
	@exec .venv/bin/python tests/bench/fuzz.py --messages $(or $(MESSAGES),1000000)

clean:       ## remove everything that `make run` and `make test` made, but not var/ (the history)
	@rm -rf .venv .cache node_modules staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
