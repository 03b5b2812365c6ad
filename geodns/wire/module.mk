# geodns/wire: DNS bytes in, DNS bytes out: pure, fuzzed, an RFC section at every rule.
MODULES += wire
wire_DIR := geodns/wire
wire_SRC := compress.c edns.c message.c name.c name_text.c query.c rdata_names.c reply.c tsig.c
wire_USES := base
