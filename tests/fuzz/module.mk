# Fuzzers: FUZZERS += NAME and NAME_MODULE for each tests/fuzz/fuzz_NAME.c; corpora in tests/fuzz/corpus/NAME/.
FUZZERS += query message
query_MODULE := wire
message_MODULE := wire
FUZZERS += tcp_frame
tcp_frame_MODULE := geodns
FUZZERS += place_table
place_table_MODULE := place
