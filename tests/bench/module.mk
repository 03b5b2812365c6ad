# Benchmarks: `make bench` measures the responder beside the floor of plain sockets and beside gdnsd, and the health checker beside
# HAProxy. ARGS go to tests/bench/run, ROWS (names of rows, `all`) to tests/bench/rows.
BENCH_PROGRAMS := $(BUILD)/tests/bench/dnsload $(BUILD)/tests/bench/echo $(BUILD)/tests/bench/geomap $(BUILD)/tests/bench/revisions \
	$(BUILD)/tests/bench/verdicts

.PHONY: bench
bench: deps-bench
	@$(MAKE) --no-print-directory -s -j$$(nproc) all geodata peers $(BENCH_PROGRAMS)
	@tests/bench/run --build $(BUILD) $(ARGS)
	@tests/bench/rows --build $(BUILD) $(ROWS)
	@PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" tests/bench/health --build $(BUILD)
	@$(BUILD)/bin/meridian-geoc --out $(BUILD)/tests/bench/places.tbl --country $(COUNTRY_MMDB) >/dev/null
	@$(BUILD)/tests/bench/geomap $(BUILD)/tests/bench/places.tbl
	@PATH="$(CURDIR)/$(PEERS)/bin:$$PATH" tests/bench/anycast --build $(BUILD)

$(BUILD)/tests/bench/dnsload: $(BUILD)/obj/tests/bench/dnsload.o $(BUILD)/lib/wire.a $(BUILD)/lib/base.a
$(BUILD)/tests/bench/echo: $(BUILD)/obj/tests/bench/echo.o
$(BUILD)/tests/bench/geomap: $(BUILD)/obj/tests/bench/geomap.o $(addprefix $(BUILD)/lib/,geodns.a place.a db.a base.a)
$(BUILD)/tests/bench/revisions: $(BUILD)/obj/tests/bench/revisions.o $(addprefix $(BUILD)/lib/,db.a wire.a base.a)
$(BUILD)/tests/bench/revisions: BENCH_LIBS = $(call libs_of,db)
$(BUILD)/tests/bench/verdicts: $(BUILD)/obj/tests/bench/verdicts.o $(addprefix $(BUILD)/lib/,db.a wire.a base.a)
$(BENCH_PROGRAMS):
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(BENCH_LIBS) -lm
