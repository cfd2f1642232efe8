# What one types; the work itself is in CMakePresets.json and scripts/. `make help` says what there is.
# make test, make demo and the others first install what they need from the distribution's packages.

.DEFAULT_GOAL := build
.PHONY: help build test faults demo bench lint asan tsan clean

NINJA_JOBS ?= $(shell scripts/jobs.sh)
# twice as many as cores: most tests wait, for a disk, a department or a time
CTEST := ctest -j$(shell expr 2 \* $$(nproc)) --output-on-failure
NINJA := cmake --build
RELEASE := build/release
PROGRAMS := datong datong-call datong-departments datong-tsa datong_dbf

help:
	@echo 'make              in build/release: datong (the gateway), datong-call (a client), datong-departments'
	@echo '                  (simulated departments), datong-tsa (a time-stamping authority for the demo)'
	@echo 'make demo         a city of simulated departments, and calls through the gateway; ONCE=1 ends by itself'
	@echo 'make test         every test; the summary comes last'
	@echo 'make faults       every write, sync, rename and send fails once; writes the counts into docs/reliability.md;'
	@echo '                  PART="write kill", alterations or cuts: that part only'
	@echo 'make bench        how fast it is on this machine: calls, evidence, matters, a hall of windows, grants,'
	@echo '                  mappings beside libxslt and JSONata, signed SOAP beside xmlsec1 and Santuario'
	@echo 'make lint         layout, sizes, words, clang-tidy'
	@echo 'make asan, tsan   every test under the sanitizers'
	@echo 'make clean        removes build/'
	@echo 'NINJA_JOBS=n      compilers at once; here $(NINJA_JOBS): one a core, and 2 GB of memory for each'

# Without tests when it was not configured before: a demo needs no test framework.
CONFIGURE := test -f $(RELEASE)/build.ninja || cmake --preset release -DBUILD_TESTING=OFF

build:
	@scripts/setup.sh build
	@$(CONFIGURE)
	$(NINJA) --preset release -j $(NINJA_JOBS) --target $(PROGRAMS)

test:
	@scripts/setup.sh build test
	cmake --preset release -DBUILD_TESTING=ON
	$(NINJA) --preset release -j $(NINJA_JOBS)
	@$(CTEST) --preset release

faults:
	@scripts/setup.sh build test
	cmake --preset release -DBUILD_TESTING=ON
	$(NINJA) --preset release -j $(NINJA_JOBS) --target faults_test
	DATONG_FAULTS_PART='$(PART)' DATONG_RELIABILITY=docs/reliability.md $(RELEASE)/tests/faults/faults_test '[all-faults]'

demo:
	@scripts/setup.sh build demo
	@$(CONFIGURE)
	$(NINJA) --preset release -j $(NINJA_JOBS) --target $(PROGRAMS)
	$(RELEASE)/datong demo $(if $(ONCE),--once)

bench:
	@scripts/setup.sh build bench
	@$(CONFIGURE)
	@cmake $(RELEASE) >/dev/null # libxslt may have come since
	$(NINJA) --preset release -j $(NINJA_JOBS) --target datong-bench datong-departments datong-map-bench datong-soap-bench datong-evidence-bench datong-access-bench datong-matter-bench datong
	$(RELEASE)/datong-bench
	$(RELEASE)/datong-evidence-bench
	$(RELEASE)/datong-access-bench
	$(RELEASE)/datong-matter-bench --part four
	$(RELEASE)/datong-matter-bench --part hall
	@mkdir -p build/npm && cp bench/package.json bench/package-lock.json build/npm
	@(cd build/npm && npm ci --silent --no-audit --no-fund) || echo 'bench: no JSONata, its row is not run'
	$(RELEASE)/datong-map-bench
	$(RELEASE)/datong-soap-bench

lint:
	@scripts/setup.sh build test lint
	scripts/lint.sh
	cmake --preset tidy
	scripts/tidy.sh build/tidy

asan tsan:
	@scripts/setup.sh build test sanitize
	cmake --preset $@
	$(NINJA) --preset $@ -j $(NINJA_JOBS)
	@$(CTEST) --preset $@

clean:
	rm -rf build
