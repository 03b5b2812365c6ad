# Fuzzers: FUZZERS += NAME and NAME_MODULE for each tests/fuzz/fuzz_NAME.c; corpora in tests/fuzz/corpus/NAME/. NAME_DICT: words of its
# language, tests/fuzz/NAME_DICT.dict. NAME_FLAGS: of libFuzzer.
FUZZERS += query message
query_MODULE := wire
query_DICT := dns
message_MODULE := wire
message_DICT := dns
FUZZERS += tcp_frame tcp_connection
tcp_frame_MODULE := geodns
tcp_connection_MODULE := geodns
tcp_connection_DICT := dns
tcp_connection_FLAGS := -max_len=20000
FUZZERS += place_table
place_table_MODULE := place
FUZZERS += document
document_MODULE := db
document_DICT := document
FUZZERS += bird_reply
bird_reply_MODULE := bgpctl
FUZZERS += answer
answer_MODULE := geodns
answer_DICT := dns
FUZZERS += request
request_MODULE := http
FUZZERS += zonefile
zonefile_MODULE := db
zonefile_DICT := zonefile
zonefile_FLAGS := -max_len=1024
FUZZERS += http1
http1_MODULE := healthcheck

# `make fuzz-run SECONDS=900`: each in turn (F="NAME ..." some) for so long, from its corpus; what is new is kept in build/fuzz/corpus, what
# was found in build/fuzz/found, and the first that found something ends the run. `make fuzz-keep` adds to the corpora what reaches more.
.PHONY: fuzz-run fuzz-keep
F ?= $(FUZZERS)
SECONDS ?= 900
fuzz-run: $(addprefix $(BUILD)/fuzz/fuzz_,$(F))
	@mkdir -p $(BUILD)/fuzz/found $(addprefix $(BUILD)/fuzz/corpus/,$(F))
	@set -e; $(foreach f,$(F),echo "fuzz_$(f): $(SECONDS) s"; \
		$(BUILD)/fuzz/fuzz_$(f) -max_total_time=$(SECONDS) -timeout=20 -print_final_stats=1 -verbosity=0 \
		$($(f)_FLAGS) $(if $($(f)_DICT),-dict=tests/fuzz/$($(f)_DICT).dict) -artifact_prefix=$(BUILD)/fuzz/found/$(f)- \
		$(BUILD)/fuzz/corpus/$(f) tests/fuzz/corpus/$(f);)
fuzz-keep: $(addprefix $(BUILD)/fuzz/fuzz_,$(F))
	@set -e; $(foreach f,$(F),mkdir -p $(BUILD)/fuzz/corpus/$(f); \
		$(BUILD)/fuzz/fuzz_$(f) -merge=1 -timeout=20 -verbosity=0 tests/fuzz/corpus/$(f) $(BUILD)/fuzz/corpus/$(f);)
