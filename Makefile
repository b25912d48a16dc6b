# The two commands, and what they are made of.
.PHONY: demo test bench setup screenshots

DEMO_DATA ?= .demo
LISTEN ?= 127.0.0.1:8080

demo: ## install what is missing, build, generate the demo campus, serve it and say where
	@scripts/setup.sh build
	cargo build --release --package server
	./target/release/playhead demo --data $(DEMO_DATA) --serve --listen $(LISTEN)

test: ## every check and test there is (FULL=1 adds the long ones)
	@scripts/setup.sh test
	@scripts/test.sh

bench: ## measure; results in docs/benchmarks.md say with which command
	@scripts/setup.sh build
	@scripts/bench.sh

screenshots: ## a picture of every page in every look, into .cache/screenshots
	@scripts/setup.sh build
	npm --prefix web run build
	@node scripts/screenshots.mjs

setup:
	@scripts/setup.sh test
