# Each target does its own set-up on a bare Debian 12 with Rust.
.PHONY: help run test check bench

help:
	@echo "make run     build, and serve a filled example; ARGS='--listen 127.0.0.1:9000' for another port"
	@echo "make test    every test: rules, journeys on SQLite and PostgreSQL, browser"
	@echo "make check   formatting, lints, types of the scripts, dependencies"
	@echo "make bench   the hot path, then a load run against the release build"

run:
	@scripts/setup.sh build
	cargo build
	exec "$${CARGO_TARGET_DIR:-target}/debug/sealwax" demo --dir .demo $(ARGS)

test:
	@scripts/setup.sh build test
	scripts/test.sh

check:
	@scripts/setup.sh build scripts
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --no-default-features --all-targets -- -D warnings
	cd tests/browser && npx --no-install tsc --noEmit -p .
	scripts/check-deps.sh

bench:
	@scripts/setup.sh build
	cargo bench --bench hot_path
	cargo build --release
	cargo bench --bench load
	@scripts/setup.sh test
	cargo bench --bench ledger
	cargo bench --bench sign_in
