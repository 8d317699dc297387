# SPDX-License-Identifier: Apache-2.0
# Everything a developer does here, by name. `make` alone lists the names.
# Tools (buf, protoc plugins, golangci-lint, BigQuery's emulator) are pinned in modules of their own under cmd/tools and
# built into bin/ when first needed: buf and golangci-lint take minutes the first time and seconds afterwards (Go's build cache keeps them).

BIN       := $(CURDIR)/bin
# How long each fuzz target and each benchmark runs.
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
# How many simulated worlds `make quality` looks at.
SEEDS     ?= 20
# What `make bench` runs: events of a stream, rounds, and where the plain-Go limit is.
EVENTS    ?= 500000
ROUNDS    ?= 5
ANCHORS   ?= ../shared/bench/anchors
# Which packages `make test` looks at.
PKG       ?= ./...

.DEFAULT_GOAL := help
.PHONY: help run test test-large test-sql test-integration test-load flink quality check lint generate fuzz bench bench-quick bench-budget pgo build clean \
  check-format check-tidy check-generated race

help: ## list these targets
	@printf 'AER: finds hijacked accounts in access events and ends their sessions.\n\nUsage: make TARGET\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVariables: PKG=%s FUZZTIME=%s BENCHTIME=%s SEEDS=%s EVENTS=%s ROUNDS=%s\n' \
	  '$(PKG)' '$(FUZZTIME)' '$(BENCHTIME)' '$(SEEDS)' '$(EVENTS)' '$(ROUNDS)'

run: build ## the demo: a day of simulated traffic with attacks, through the whole pipeline, on this machine
	$(BIN)/aer demo

# go build -v names each package that it has built: of a first build of a minute or two that is progress. What Go's cache has
# already is in the total, so that a later build says little or nothing.
build: ## build bin/aer, and say how far it is
	@total=$$(go list -deps ./cmd/aer | wc -l); \
	{ go build -v -o $(BIN)/aer ./cmd/aer; echo "exit $$?"; } 2>&1 | awk -v total="$$total" '\
	  $$1 == "exit" { code = $$2; next } \
	  NF != 1 { print; fflush(); next } \
	  ++n % 25 == 0 { printf "building bin/aer: %d of at most %d packages\n", n, total; fflush() } \
	  END { exit code }' >&2

# Without GoogleSQL, so that a fresh machine of two cores has run all of it within ten minutes and 4 GB.
test: ## run every test of the module; what needs GoogleSQL is test-sql, in check and CI
	go test -timeout 20m $(PKG)

# What make test tries with a tenth of that; a minute and 4 GB.
test-large: ## judge the events of a million users, and look at memory and balance
	AER_LARGE=1 go test -count=1 -v -run TestManyUsers ./pipelines/capacity

# A module of its own: GoogleSQL takes minutes of C++ to build the first time, so that make check and CI run it and make test
# does not. -count=1 because Go's test cache does not see the files outside the module that the tests read.
test-sql: ## resolve the BigQuery rendering of the SQL with GoogleSQL (builds it: minutes)
	go test -C schemas/googlesql -timeout 20m -count=1 ./...

# Tests named TestIntegration..., package by package: they start servers that are not ours (see sinks/sinktest/outside) and
# skip where one is not here. The first build of BigQuery's emulator takes 8 minutes and 6 GB of Go's build cache on two cores.
test-integration: ## run what needs emulators and engines; says what ran, and what did not and why
	@$(MAKE) --no-print-directory $(BIN)/bigquery-emulator || echo 'no emulator of BigQuery: it could not be built' >&2
	@packages=$$(grep -rl --include='*_test.go' '^func TestIntegration' . | xargs -r -n1 dirname | sort -u); \
	{ AER_INTEGRATION=1 go test -timeout 55m -count=1 -p 1 -v -run '^TestIntegration' $$packages 2>&1; echo "exit $$?"; } | \
	awk '$$1 == "exit" { code = $$2; next } { print; fflush() } /^    [^ ]*\.go:[0-9]+: / { sub(/^ *[^ ]* /, ""); said = $$0 } \
	  /^--- / { line[++n] = $$2 " " $$3 " " $$4; if ($$2 == "SKIP:") line[n] = line[n] " " said } \
	  END { print "\nIntegration tests:"; for (i = 1; i <= n; i++) print "  " line[i]; exit code }'

# Archives come from Maven's server the first time (163 MB, into the user's cache). Needs Java 11 or 17 and 4 GB; leaves nothing
# behind. Start only the cluster with go run ./cmd/flink -hold.
flink: build ## run AER on a Flink of two TaskManagers: files, live traffic, crashes (minutes)
	go run ./cmd/flink -aer $(BIN)/aer

test-load: ## five minutes of 2,000 messages a second over Google's Pub/Sub emulator, with redelivery and kills, twice
	AER_INTEGRATION=1 AER_LOAD=5m go test -timeout 30m -count=1 -v -run '^TestIntegrationPubSub(Load|Run)$$' ./cmd/aer

quality: ## measure AER on SEEDS simulated worlds against what it promises (minutes)
	go run ./cmd/quality -seeds $(SEEDS)

race: ## run every test under the race detector (slow)
	go test -race -timeout 60m $(PKG)

check: check-format check-tidy check-generated lint test test-sql ## all that a change must pass: what CI runs

lint: $(BIN)/golangci-lint ## static checks; each message says what to do instead
	$(BIN)/golangci-lint run --allow-parallel-runners ./...

generate: $(BIN)/buf $(BIN)/protoc-gen-go $(BIN)/protoc-gen-go-vtproto ## rebuild everything generated from schemas/
	cd schemas && PATH="$(BIN):$$PATH" buf lint
	cd schemas && PATH="$(BIN):$$PATH" buf generate
	go generate ./...

fuzz: ## run every fuzz target for FUZZTIME each
	@set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u); do \
	  for target in $$(grep -h -o --include='*_test.go' -r '^func Fuzz[A-Za-z0-9_]*' $$dir --exclude-dir='*' | sed 's/^func //' | sort -u); do \
	    echo "== $$dir $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$dir; \
	  done; \
	done

# Compares with the plain-Go limit where its module is at ANCHORS. Quiet machines give steady times, busy ones only ratios.
bench: build ## measure AER against the plain-Go limit and stage by stage (minutes)
	go run ./cmd/bench -anchors $(ANCHORS) -events $(EVENTS) -rounds $(ROUNDS) -benchtime $(BENCHTIME)

bench-quick: ## the same on a tenth of the events (a minute)
	$(MAKE) --no-print-directory bench EVENTS=50000 ROUNDS=3 BENCHTIME=100ms

# What the compiler knows of where the time goes (profile-guided optimisation): go build takes cmd/aer/default.pgo by
# itself. It only has to be made anew when much of what an event goes through has changed; results never depend on it.
pgo: ## profile the plain-Go driver and the decoders anew for the compiler: cmd/aer/default.pgo
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	go test ./pipelines/local -run '^$$' -bench '^BenchmarkLocal$$' -benchtime 5s -o $$dir/a -cpuprofile $$dir/a.prof && \
	go test ./transforms/event -run '^$$' -bench '^BenchmarkDecode$$' -benchtime 4s -o $$dir/b -cpuprofile $$dir/b.prof && \
	go tool pprof -proto -output cmd/aer/default.pgo $$dir/a.prof $$dir/b.prof

bench-budget: ## accept what events take from the heap now: testdata/bench/budget.yaml
	go test -count=1 -run TestBudget ./cmd/bench/budget -update

clean: ## remove what was built and what the demo wrote
	rm -rf $(BIN) aer-out

check-format:
	@bad=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$bad" ]; then printf 'not formatted; run gofmt -w on:\n%s\n' "$$bad"; exit 1; fi

check-tidy:
	@go mod tidy -diff && go -C schemas/googlesql mod tidy -diff || { echo 'go.mod or go.sum is not tidy: run go mod tidy'; exit 1; }

# Compares before and after, so that generated files that are current but not committed yet pass as well.
check-generated:
	@sums() { git ls-files -co --exclude-standard -- schemas transforms sinks pipelines cmd .github README.md | sort | xargs -d '\n' sha256sum 2>/dev/null; }; \
	before=$$(sums); $(MAKE) --no-print-directory generate; after=$$(sums); \
	if [ "$$before" != "$$after" ]; then git diff --stat; echo 'generated files are not current: run make generate and commit the result'; exit 1; fi

# One rule for each tool: rebuilt only when its pinned versions change.
$(BIN)/buf: cmd/tools/buf/go.mod cmd/tools/buf/go.sum
	go build -C cmd/tools/buf -o $@ github.com/bufbuild/buf/cmd/buf
	@touch $@

$(BIN)/golangci-lint: cmd/tools/lint/go.mod cmd/tools/lint/go.sum
	go build -C cmd/tools/lint -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

$(BIN)/protoc-gen-go: cmd/tools/protoc/go.mod cmd/tools/protoc/go.sum
	go build -C cmd/tools/protoc -o $@ google.golang.org/protobuf/cmd/protoc-gen-go
	@touch $@

$(BIN)/protoc-gen-go-vtproto: cmd/tools/protoc/go.mod cmd/tools/protoc/go.sum
	go build -C cmd/tools/protoc -o $@ github.com/planetscale/vtprotobuf/cmd/protoc-gen-go-vtproto
	@touch $@

$(BIN)/bigquery-emulator: cmd/tools/bigquery/go.mod cmd/tools/bigquery/go.sum
	go build -C cmd/tools/bigquery -o $@ github.com/goccy/bigquery-emulator/cmd/bigquery-emulator
	@touch $@
