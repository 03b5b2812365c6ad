# Benchmarks: `make bench` measures the responder beside the floor of plain sockets and beside gdnsd. ARGS go to tests/bench/run.
BENCH_PROGRAMS := $(BUILD)/tests/bench/dnsload $(BUILD)/tests/bench/echo

.PHONY: bench
bench: deps-bench
	@$(MAKE) --no-print-directory -s -j$$(nproc) all geodata peers $(BENCH_PROGRAMS)
	@tests/bench/run --build $(BUILD) $(ARGS)

$(BUILD)/tests/bench/dnsload: $(BUILD)/obj/tests/bench/dnsload.o $(BUILD)/lib/wire.a $(BUILD)/lib/base.a
$(BUILD)/tests/bench/echo: $(BUILD)/obj/tests/bench/echo.o
$(BENCH_PROGRAMS):
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ -lm
