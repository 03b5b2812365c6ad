# geodns/wire: DNS bytes in, DNS bytes out: pure, fuzzed, an RFC section at every rule.
MODULES += wire
wire_DIR := geodns/wire
wire_SRC :=
wire_USES := base
