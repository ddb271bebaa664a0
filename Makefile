# Everything a contributor runs, with one line each: make help
.DEFAULT_GOAL := help
MVN = ./mvnw -B
IN = -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
SEED ?=
RUNS ?= 10000
VARIANT ?=
# One seed alone means one run, unless a number is asked for.
SIM_RUNS = $(if $(SEED),$(if $(filter file,$(origin RUNS)),1,$(RUNS)),$(RUNS))
NODES ?= 3
HOURS ?= 1
ARGS ?=

.PHONY: help
help: ## Show this list.
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | while IFS='	' read -r t d; do printf '%-18s %s\n' "$$t" "$$d"; done

.PHONY: fmt
fmt: ## Format all sources; the fix for a failed format check.
	$(MVN) -q spotless:apply

.PHONY: check
check: ## Run every static gate without tests; Error Prone and NullAway too on JDK 21 or newer.
	$(MVN) -DskipTests test-compile

.PHONY: test
test: ## Run unit tests, simulation and layer rules; no processes.
	$(MVN) test

.PHONY: verify
verify: ## Run gates, unit tests, cluster tests; all but the long ones.
	$(MVN) verify

.PHONY: verify-long
verify-long: ## Run the long tests, and those of the Java client and leasectl.
	$(MVN) -P long,client-tests verify

.PHONY: sim
sim: ## Simulate: SEED=n one run with its trace, RUNS=n many, VARIANT=name a broken core.
	$(MVN) -q -pl lease-core -am test-compile
	java -cp lease-core/target/classes:lease-core/target/test-classes \
	  io.leasehold.core.sim.SimulationMain $(or $(SEED),1) $(SIM_RUNS) $(or $(VARIANT),CORRECT)

.PHONY: it
it: ## Run the cluster tests: members, kills, snapshots, clients. TEST=Name for one, SEED=n replays.
	$(MVN) -P client-tests -pl cluster-tests,compat-tests,client-tests -am verify -Dtest=NoUnitTest $(IN) -Dit.excludedGroups=none $(if $(TEST),-Dit.test=$(TEST)) $(if $(SEED),-Dseed=$(SEED))

.PHONY: jepsen-build
jepsen-build: ## Build what the runs under faults need.
	$(MVN) -q -pl lease-server,jepsen-style-tests -am package -DskipTests

.PHONY: jepsen
jepsen: jepsen-build ## Two minutes of clients that renew while leaders are killed, judged; SEED=n, ARGS="--faults mixed".
	./jepsen-style-tests/jepsen run --seconds 120 $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: jepsen-matrix
jepsen-matrix: jepsen-build ## Every workload under every group of faults, as a table; SEED=n.
	./jepsen-style-tests/jepsen matrix $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: soak
soak: jepsen-build ## Runs of all kinds for HOURS=h hours, with a table of all; SEED=n.
	./jepsen-style-tests/jepsen soak --hours $(HOURS) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: jepsen-renewals
jepsen-renewals: jepsen-build ## Thousands of leases renewed in time while one member suffers: none may be lost; SEED=n.
	./jepsen-style-tests/jepsen renewals $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: jepsen-losses
jepsen-losses: jepsen-build ## Power cuts of all members and flipped bits: nothing that was acknowledged may be lost; SEED=n.
	./jepsen-style-tests/jepsen losses $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: jepsen-compare
jepsen-compare: jepsen-build ## The lease workloads on Leasehold and on Debian's etcd, side by side; SEED=n.
	./jepsen-style-tests/jepsen compare $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: jepsen-bugs
jepsen-bugs: jepsen-build ## Run members with known bugs, each of which must be caught; ARGS="--bug NAME".
	./jepsen-style-tests/jepsen bugs $(ARGS)

.PHONY: bench-locks
bench-locks: ## Print what locks take through jetcd and through our client; ARGS="10 ETCD" on etcd's members.
	$(MVN) -q -pl compat-tests -am package -DskipTests
	./compat-tests/bench $(ARGS)

.PHONY: bench-build
bench-build: ## Build the load generator and the members it starts.
	$(MVN) -q -pl lease-server,lease-launcher,lease-bench -am package -DskipTests

.PHONY: bench
bench: bench-build ## Measure, ARGS="renew-leader grant-256 --target etcd"; make bench ARGS=list says what.
	./lease-bench/bench $(if $(filter list ceiling help,$(firstword $(ARGS))),,run) $(ARGS)

.PHONY: bench-compare
bench-compare: bench-build ## Measure Leasehold and Debian's etcd in turn, ARGS="renew-leader --rounds 3".
	./lease-bench/bench compare $(ARGS)

.PHONY: bench-jmh
bench-jmh: ## Run micro-benchmarks, ARGS="LessorBenchmark -p leases=1000000"; ARGS=-l lists them.
	$(MVN) -q -pl lease-jmh -am package -DskipTests
	java -cp "lease-jmh/target/classes:lease-jmh/target/lib/*" org.openjdk.jmh.Main $(ARGS)

.PHONY: bench-client
bench-client: ## Print what 100 000 leases kept alive by one Java client take; ARGS="10000 10 kill" kills members.
	$(MVN) -q -P client-tests -pl client-tests -am test-compile -DskipTests
	$(MVN) -q -pl lease-server -am package -DskipTests
	./client-tests/bench $(ARGS)

.PHONY: dist
dist: ## Build the server's distribution in lease-server/target/dist, and leasectl's.
	$(MVN) -pl lease-server,lease-launcher,lease-cli -am package -DskipTests

.PHONY: image
image: ## Build the container image leasehold:local; on base images from Debian packages where no registry is reached.
	./deploy/build-image

.PHONY: it-containers
it-containers: ## Run the tests of members in containers, on the image that is there. TEST=Name for one.
	$(MVN) -pl deploy-tests,jepsen-style-tests -am verify -Dtest=NoUnitTest $(IN) -Dit.groups=containers -Dit.excludedGroups=none $(if $(TEST),-Dit.test=$(TEST))

.PHONY: up
up: ## Start a local cluster; NODES=1, 3 or 5.
	./leasehold up --nodes $(NODES)

.PHONY: run-local
run-local: up ## The same as up.

.PHONY: down
down: ## Stop the local cluster.
	./leasehold down

.PHONY: clean
clean: ## Remove what was built; the local cluster's data stays.
	$(MVN) -q clean
