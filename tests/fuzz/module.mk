# Fuzzers: FUZZERS += NAME and NAME_MODULE for each tests/fuzz/fuzz_NAME.c; corpora in tests/fuzz/corpus/NAME/.
