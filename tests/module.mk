# Tests: `make check` runs all of them; check-unit, check-system and check-ui a part; T=GLOB the tests whose name matches.

.PHONY: check check-unit check-system check-ui check-lint check-long check-package coverage coverage-run
CHECK = PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" /usr/bin/python3 tests/check --build $(BUILD) $(if $(T),--match '$(T)')
REPLAYS = $(addprefix $(BUILD)/tests/fuzz/replay_,$(FUZZERS))

check: deps-check
	@$(MAKE) --no-print-directory -s -j$$(nproc) WERROR=1 all geodata peers $(UNIT_TESTS) $(REPLAYS)
	@$(CHECK) lint unit fuzz system ui
# Ten million steps of the random walks; SEED=N takes another walk.
check-long: $(BUILD)/tests/unit/bgpctl/test_walk
	MERIDIAN_WALK_STEPS=10000000 MERIDIAN_WALK_SEED=$(or $(SEED),1) $<
# The longer checks, each part to its end whatever another one found: unit tests and the system tests LONG_T (T=GLOB: others) under
# AddressSanitizer with UBSan and under ThreadSanitizer, PARTS="tsan-unit ..." some; the responder's (T=GLOB: others) under valgrind.
.PHONY: check-san check-valgrind
RESPONDER_T = test_dns and not test_health
LONG_T = $(or $(T),$(RESPONDER_T) or test_fail_static or test_health.py or test_apply.py or test_api_live)
PARTS ?= asan-unit asan-system tsan-unit tsan-system
VALGRIND = valgrind --leak-check=full --errors-for-leak-kinds=definite --fair-sched=yes
check-san:
	@failed=; for part in $(PARTS); do echo "$$part:"; $(MAKE) --no-print-directory check-$$part || failed="$$failed $$part"; done; \
		[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }
check-asan-%:
	MERIDIAN_PATIENCE=5 $(MAKE) --no-print-directory SAN=address,undefined T='$(if $(filter system,$*),$(LONG_T))' check-$*
check-tsan-%:
	MERIDIAN_PATIENCE=5 $(MAKE) --no-print-directory SAN=thread T='$(if $(filter system,$*),$(LONG_T))' check-$*
check-valgrind: deps-bench
	MERIDIAN_PATIENCE=10 MERIDIAN_UNDER='$(VALGRIND)' $(MAKE) --no-print-directory T='$(or $(T),$(RESPONDER_T))' check-system
# Which branches of what decides no unit test took. Plain code and no optimisation, so that a branch is one of the source; and nothing
# inlined, which would count a header's once for each place that it is inlined into. Some tests have threads, which count together.
coverage: deps-check
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=build/cov LTO= OPT='-O0 -g' CFLAGS='--coverage -fprofile-update=atomic -Dalways_inline=unused' LDFLAGS=--coverage coverage-run
coverage-run:
	@$(MAKE) --no-print-directory -s $(UNIT_TESTS)
	@tests/coverage $(BUILD) $(if $(T),--files '$(T)')
check-lint:
	@$(CHECK) lint
check-unit: deps-check
	@$(MAKE) --no-print-directory -s -j$$(nproc) WERROR=1 all $(UNIT_TESTS) $(REPLAYS)
	@$(CHECK) unit fuzz
check-system: deps-check
	@$(MAKE) --no-print-directory -s -j$$(nproc) WERROR=1 all geodata peers
	@$(CHECK) system
check-ui: deps-check
	@$(MAKE) --no-print-directory -s -j$$(nproc) WERROR=1 all geodata peers
	@$(CHECK) ui
# The package in machines with systemd: namespaces on this one, as root. The Debian that they boot is made once, under build/package.
check-package: deps-check
	@packaging/deps $(MACHINE_PACKAGES)
	@$(MAKE) --no-print-directory -s -j$$(nproc) WERROR=1 all geodata peers
	@$(CHECK) package
