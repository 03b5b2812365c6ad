# Meridian. `make run` starts a first look, `make check` runs every test; CONTRIBUTING.md has the rest.
#
# One non-recursive makefile: each folder's module.mk states only its own files. Objects lie under $(BUILD), never
# beside the source. SAN=address,undefined or SAN=thread builds a variant in a folder of its own.

comma := ,
SAN ?=
BUILD ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
CC = gcc
VERSION := $(shell sed -n 's/^\#\# \[\([0-9][^]]*\)\].*/\1/p' CHANGELOG.md 2>/dev/null | head -n 1)

# Sanitizers change what the compiler sees and with it its warnings, so only plain builds fail on them.
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef \
	-Wcast-qual -Wpointer-arith
OPT ?= -O2 -g
HARDENING := -fstack-protector-strong $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fPIE
ALL_CFLAGS = -std=gnu11 $(OPT) $(WARNINGS) $(if $(SAN),,$(if $(WERROR),-Werror)) $(HARDENING) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) \
	-I. -DMERIDIAN_VERSION='"$(or $(VERSION),0)"' -D_GNU_SOURCE $(CFLAGS)
# The responder is compiled as one: its answer path crosses a dozen files. The objects hold plain code too, for the tests and for
# debugging; `make LTO=` does without.
LTO ?= $(if $(SAN),,$(if $(filter gcc%,$(notdir $(CC))),-flto=auto))
LTO_CFLAGS := $(if $(LTO),$(LTO) -ffat-lto-objects)
# Without it gcc would optimize each test that links such objects as one program: seconds instead of a moment.
PLAIN_LINK := $(if $(LTO),-fno-lto)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN)) -pthread $(LDFLAGS)

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all clean

# A module.mk adds to these. A module NAME states NAME_SRC (files without main), NAME_USES (modules it calls), NAME_PKGS
# (pkg-config), NAME_LIBS. A program P states P_MAIN and P_MODULE. NAME_DIR is the folder, NAME itself where not given; NAME_TESTS the
# folder of its unit tests, tests/unit/DIR where not given.
MODULES :=
PROGRAMS :=
FUZZERS :=
include base/module.mk db/module.mk geodns/wire/module.mk geodns/module.mk healthcheck/module.mk bgpctl/module.mk \
	web/module.mk cli/module.mk tests/fuzz/module.mk tests/bench/module.mk packaging/module.mk tests/module.mk

closure = $(1) $(foreach m,$($(1)_USES),$(call closure,$(m)))
# The last mention of each module stays, so that a library stands behind all of its users.
uniq_last = $(if $(1),$(call uniq_last,$(filter-out $(lastword $(1)),$(1))) $(lastword $(1)))
archives = $(foreach m,$(call uniq_last,$(call closure,$(1))),$(BUILD)/lib/$(m).a)
modules_of = $(sort $(call closure,$(1)))
pkgs = $(sort $(foreach m,$(modules_of),$($(m)_PKGS)))
# Quiet, because `make` itself has to go before pkg-config is installed; a library that is missing later is told by the linker.
libs_of = $(if $(strip $(pkgs)),$(shell pkg-config --libs $(pkgs) 2>/dev/null)) $(foreach m,$(modules_of),$($(m)_LIBS)) -lm
dir_of = $(or $($(1)_DIR),$(1))
tests_of = $(or $($(1)_TESTS),tests/unit/$(call dir_of,$(1)))

all: $(addprefix $(BUILD)/bin/,$(PROGRAMS))

define module_rules
$(BUILD)/lib/$(1).a: $(patsubst %.c,$(BUILD)/obj/$(call dir_of,$(1))/%.o,$($(1)_SRC))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
# Unit tests mirror the tree: test_X.c is linked with module and cmocka.
UNIT_TESTS += $(patsubst %.c,$(BUILD)/%,$(wildcard $(call tests_of,$(1))/test_*.c))
$(patsubst %.c,$(BUILD)/%,$(wildcard $(call tests_of,$(1))/test_*.c)): $(BUILD)/$(call tests_of,$(1))/test_%: \
		$(BUILD)/obj/$(call tests_of,$(1))/test_%.o $(call archives,$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(PLAIN_LINK) $$(ALL_LDFLAGS) -o $$@ $$^ $(call libs_of,$(1)) -lcmocka
endef
UNIT_TESTS :=
$(foreach m,$(MODULES),$(eval $(call module_rules,$(m))))

define program_rules
$(BUILD)/bin/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$($(1)_MAIN)) $(call archives,$($(1)_MODULE))
	@mkdir -p $$(@D)
	$$(CC) $$(if $$($(1)_LTO),$$(LTO) $$(OPT) $$(HARDENING),$$(PLAIN_LINK)) $$(ALL_LDFLAGS) -o $$@ $$^ $(call libs_of,$($(1)_MODULE))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rules,$(p))))

# A fuzzer F is tests/fuzz/fuzz_F.c with F_MODULE. Plain builds replay its corpus; `make fuzz` builds with libFuzzer.
define fuzzer_rules
$(BUILD)/tests/fuzz/replay_$(1): $(BUILD)/obj/tests/fuzz/fuzz_$(1).o $(BUILD)/obj/tests/fuzz/replay.o $(call archives,$($(1)_MODULE))
	@mkdir -p $$(@D)
	$$(CC) $$(PLAIN_LINK) $$(ALL_LDFLAGS) -o $$@ $$^ $(call libs_of,$($(1)_MODULE))
$(BUILD)/fuzz/fuzz_$(1): tests/fuzz/fuzz_$(1).c $(foreach m,$(call modules_of,$($(1)_MODULE)),$(addprefix $(call dir_of,$(m))/,$($(m)_SRC))) \
		$(wildcard $(addsuffix /*.h,tests/fuzz $(foreach m,$(call modules_of,$($(1)_MODULE)),$(call dir_of,$(m)))))
	@mkdir -p $$(@D)
	clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE -DMERIDIAN_VERSION='"fuzz"' -I. -pthread \
		-o $$@ $$(filter %.c,$$^) $(call libs_of,$($(1)_MODULE))
endef
$(foreach f,$(FUZZERS),$(eval $(call fuzzer_rules,$(f))))

$(BUILD)/obj/geodns/%.o: ALL_CFLAGS += $(LTO_CFLAGS)
$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: fuzz
fuzz: $(addprefix $(BUILD)/fuzz/fuzz_,$(FUZZERS))

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf build
