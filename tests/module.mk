# Tests: `make check` runs all of them; check-unit, check-system and check-ui a part; T=GLOB the tests whose name matches.

.PHONY: check check-unit check-system check-ui check-lint check-long check-package
CHECK = PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" /usr/bin/python3 tests/check --build $(BUILD) $(if $(T),--match '$(T)')
REPLAYS = $(addprefix $(BUILD)/tests/fuzz/replay_,$(FUZZERS))

check: deps-check
	@$(MAKE) --no-print-directory -s -j$$(nproc) WERROR=1 all geodata peers $(UNIT_TESTS) $(REPLAYS)
	@$(CHECK) lint unit fuzz system ui
# Ten million steps of the random walks; SEED=N takes another walk.
check-long: $(BUILD)/tests/unit/bgpctl/test_walk
	MERIDIAN_WALK_STEPS=10000000 MERIDIAN_WALK_SEED=$(or $(SEED),1) $<
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
