# SPDX-License-Identifier: GPL-2.0
#
# make            build ./spbreplay
# make demo       install what is missing, build, run the main job on examples/
# make check      install what is missing, build, run all tests, then again with sanitizers
# make check-sanitized  only the latter
# make soak       model against the oracle, 10^9 operations (SEED=, OPS=)
# make coverage   lines and branches of model/ that its tests reach; fails below 95 % and 90 %
# make fuzz       T=page SECONDS=60: one fuzz target, with clang
# make mutate     change model/ in one place at a time: which changes do no tests notice? (EVERY=n)
# make bench      measure, side by side with what a user would use instead
# make man        write manual pages and shell completions
# make install    PREFIX= DESTDIR=
# make clean
#
# Variables: CC, CFLAGS, WERROR=1 (warnings are errors), SANITIZE=address,undefined,
#            B=<build folder>

PREFIX ?= /usr/local
DESTDIR ?=
B ?= build

VERSION := 0.1.0

PKGS := libtraceevent libtracefs libzstd json-c
PKG_CONFIG ?= pkg-config
PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
# -ldl: C libraries before glibc 2.34 have dlsym() there.
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -ldl

# Optional: trace.dat compressed with zlib, which other distributions' trace-cmd writes.
ifeq ($(shell $(PKG_CONFIG) --exists zlib 2>/dev/null && echo yes),yes)
PKGS += zlib
HAVE := -DHAVE_ZLIB
endif

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ifeq ($(WERROR),1)
WARN += -Werror
endif
ifneq ($(SANITIZE),)
SAN := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all
endif
# -isystem: the distribution's headers are not ours to warn about.
SYSINC = $(patsubst -I%,-isystem %,$(PKG_CFLAGS))
ALL_CFLAGS = -std=gnu11 $(WARN) -I. $(SYSINC) -DSPBREPLAY_VERSION='"$(VERSION)"' $(HAVE) -pthread \
	     $(CFLAGS) $(SAN)
ALL_LDFLAGS = $(LDFLAGS) $(SAN) -pthread

LAYERS := model replay parsers
LIBS := $(B)/libparsers.a $(B)/libreplay.a $(B)/libspbmodel.a
# Sources of a layer: its folder and one level below.
sources = $(wildcard $(1)/*.c $(1)/*/*.c)
CMD_OBJS := $(patsubst %.c,$(B)/%.o,$(call sources,cmd))
OBJS := $(CMD_OBJS) $(foreach l,$(LAYERS),$(patsubst %.c,$(B)/%.o,$(call sources,$(l))))

TEST_SRCS := $(wildcard tests/model/test_*.c tests/replay/test_*.c tests/parsers/test_*.c \
		      tests/oracle/test_*.c tests/damage/test_*.c)
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(TEST_SRCS))
# Programs that tests, examples and benchmarks run, one file each.
TOOL_SRCS := $(wildcard tests/tools/*.c examples/*.c examples/fleet/*.c bench/*.c)
TOOLS := $(patsubst %.c,$(B)/%,$(TOOL_SRCS))
# Fuzz targets, one file each; with a driver that replays their corpus.
FUZZ_SRCS := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(FUZZ_SRCS))
FUZZERS := $(FUZZ_NAMES:%=$(B)/tests/fuzz/fuzz_%)
# One reader under test lives in cmd/.
FUZZ_OBJS := $(B)/tests/fuzz/fuzz.o $(filter-out $(B)/cmd/main.o,$(CMD_OBJS))
FUZZ_DRIVER = $(B)/tests/fuzz/corpus.o
# Helpers linked into every test.
TEST_LIB_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/lib/*.c))
# The second allocator, linked into the tests beside it.
ORACLE_OBJS := $(patsubst %.c,$(B)/%.o,$(filter-out tests/oracle/test_%,$(wildcard tests/oracle/*.c)))

all: $(B)/spbreplay spbreplay

# Always: the link may name another build folder.
spbreplay: $(B)/spbreplay FORCE
	@ln -sf $< $@
FORCE:

$(B)/spbreplay: $(CMD_OBJS) $(LIBS)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/libspbmodel.a: $(patsubst %.c,$(B)/%.o,$(call sources,model))
$(B)/libreplay.a: $(patsubst %.c,$(B)/%.o,$(call sources,replay))
$(B)/libparsers.a: $(patsubst %.c,$(B)/%.o,$(call sources,parsers))
$(LIBS):
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The oracle's rounds and benchmarks read variants as users write them.
VARIANT_OBJS := $(filter $(B)/cmd/common/% $(B)/cmd/help/% $(B)/cmd/help.o,$(CMD_OBJS))
$(B)/tests/oracle/%: tests/oracle/%.c $(ORACLE_OBJS) $(VARIANT_OBJS) $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(ORACLE_OBJS) \
		$(VARIANT_OBJS) $(LIBS) $(PKG_LIBS) -lcmocka

DAMAGE_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/damage/*.c)) $(VARIANT_OBJS)
$(B)/tests/damage/test_matrix: $(DAMAGE_OBJS) $(TEST_LIB_OBJS) $(LIBS)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

$(B)/tests/%: tests/%.c $(TEST_LIB_OBJS) $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(TEST_LIB_OBJS) $(LIBS) \
		$(PKG_LIBS) -lcmocka

$(B)/examples/%: examples/%.c $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(LIBS) $(PKG_LIBS)
$(B)/bench/%: bench/%.c $(VARIANT_OBJS) $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(VARIANT_OBJS) $(LIBS) $(PKG_LIBS)
# The reference that is measured beside our reader, where it is installed.
$(B)/bench/tracecmd_read: bench/tracecmd_read.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(PKG_LIBS) \
		$(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags --libs libtracecmd 2>/dev/null))

# .incbin: the compiler does not see these.
$(B)/cmd/report/assets.o: $(wildcard cmd/report/*.html cmd/report/*.css cmd/report/*.js)

# .incbin, too
$(B)/tests/fuzz/fuzz_raw.o: tests/fuzz/corpus/v6/small-little

$(FUZZERS): $(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(FUZZ_OBJS) $(FUZZ_DRIVER) $(LIBS)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

tools: $(TOOLS)
# Makes the K-th call of a kind fail.
FAULT_SHIM := $(B)/tests/fault/shim.so
$(FAULT_SHIM): tests/fault/shim.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(WARN) $(CFLAGS) -fPIC -shared -o $@ $< -ldl

# The same in the program itself, with the sanitizers' allocator below it: does a fault leak?
FAULT_TOOL := $(B)/tests/fault/spbreplay
FAULT_CALLS := malloc calloc realloc strdup read pread write pwrite fsync rename open
$(FAULT_TOOL): tests/fault/shim.c $(CMD_OBJS) $(LIBS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -DFAULT_WRAP $(FAULT_CALLS:%=-Wl,--wrap=%) -o $@ $^ $(PKG_LIBS)

tests: $(TESTS) $(TOOLS) $(FUZZERS) $(FAULT_SHIM) $(if $(SANITIZE),$(FAULT_TOOL))
fuzzers: $(FUZZERS)

# One target for SECONDS under libFuzzer, beginning with its corpus; finds go to build/fuzz/T.
T ?= page
SECONDS ?= 60
FUZZ_B := build/fuzz
# Small tables: their ends are reached by a few KiB, and need not be cleared for each input.
FUZZ_SMALL := -DEVENT_BLOCK_MAX=256 -DLOG_MAX_CPUS=256 -DBLOCK_BYTES=8192u -DLINE_MAX_BYTES=2048u \
	      -DTASK_SLOTS=64u -DCOPY_BYTES=4096u -DVARIANT_JSON_MAX=16384u \
	      -DFORMAT_FILE_MAX=8192u -DQUALITY_PFN_BITS=26 -DQUALITY_MID_BITS=6 -DRUNJSON_MAX=16384u
# Told of each comparison, libFuzzer guesses bytes: no help where no bytes are read.
FUZZ_BLIND := $(FUZZ_B)/model/%.o $(FUZZ_B)/parsers/quality.o $(FUZZ_B)/replay/log/log_times.o \
	      $(FUZZ_B)/replay/log/log_encode.o $(FUZZ_B)/replay/base/hash.o \
	      $(FUZZ_B)/cmd/report/%.o
$(FUZZ_BLIND): ALL_CFLAGS += -fno-sanitize-coverage=trace-cmp
$(FUZZ_B)/%.o: ALL_CFLAGS += $(FUZZ_SMALL)
fuzz:
	@.ci/deps clang libclang-rt-14-dev
	@$(MAKE) --no-print-directory B=$(FUZZ_B) CC=clang CFLAGS="-O2 -gline-tables-only -fsanitize=fuzzer-no-link" \
		SANITIZE=address,undefined FUZZ_DRIVER= LDFLAGS=-fsanitize=fuzzer \
		$(FUZZ_B)/tests/fuzz/fuzz_$(T)
	@tests/fuzz/run $(FUZZ_B) $(T) $(SECONDS)

# How the compiler is called, for other readers of C.
flags:
	@: $(info $(ALL_CFLAGS))

deps:
	@.ci/deps

check:
	@.ci/deps chromium gnuplot-nox xz-utils bzip2 sqlite3 groff zsh valgrind cppcheck clang clang-tidy strace xxhash
	@$(MAKE) --no-print-directory WERROR=1 all tests
	@tests/run $(B)
	@$(MAKE) --no-print-directory check-sanitized

# The tests again under ASan and UBSan, leaks included; tests/run says which not, and why.
check-sanitized:
	@$(MAKE) --no-print-directory -s B=$(B)/asan CFLAGS="-O1 -g -w" SANITIZE=address,undefined \
		WERROR=0 all tests
	@echo "== with ASan and UBSan"
	@tests/run $(B)/asan sanitized

# Model against oracle for hours: OPS operations from SEED.
OPS ?= 1000000000
SEED ?= 2
soak: deps
	@$(MAKE) --no-print-directory WERROR=1 all tests
	SPB_DAMAGE=1 $(B)/tests/damage/test_matrix
	SPB_SIGNALS=500 SPBREPLAY=$(abspath $(B))/spbreplay tests/cli/signals.t
	SPB_FAULT_LIBRARY=1 SPBREPLAY=$(abspath $(B))/spbreplay SPB_BUILD=$(abspath $(B)) tests/fault/fault.t
	@$(MAKE) --no-print-directory -s B=$(B)/asan CFLAGS="-O1 -g -w" SANITIZE=address,undefined \
		WERROR=0 all tests
	SPB_SANITIZED=1 SPB_FAULT_STEP=1 SPBREPLAY=$(abspath $(B))/asan/spbreplay \
		SPB_BUILD=$(abspath $(B))/asan tests/fault/fault.t
	$(B)/tests/oracle/test_oracle $(SEED) $(OPS)

coverage:
	@.ci/deps gcovr
	@tests/coverage $(B)/coverage

EVERY ?= 1
mutate: deps
	@$(MAKE) --no-print-directory all
	@tests/mutate $(B)/mutate $(EVERY)

demo: deps
	@$(MAKE) --no-print-directory all
	@examples/demo

bench: deps
	@$(MAKE) --no-print-directory all tools
	@bench/run $(B)

# Manual pages and shell completions, written by the tool from its own tables.
man: $(B)/spbreplay
	@mkdir -p $(B)/man $(B)/completion
	@rm -f $(B)/man/*.1
	@$(B)/spbreplay help --man >$(B)/man/spbreplay.1
	@for c in $$($(B)/spbreplay help --commands); do \
		$(B)/spbreplay help --man $$c >$(B)/man/spbreplay-$$c.1 || exit 1; done
	@$(B)/spbreplay help --bash-completion >$(B)/completion/spbreplay
	@$(B)/spbreplay help --zsh-completion >$(B)/completion/_spbreplay

install: all man
	install -d "$(DESTDIR)$(PREFIX)"/share/man/man1
	install -m 644 $(B)/man/*.1 "$(DESTDIR)$(PREFIX)"/share/man/man1/
	install -d "$(DESTDIR)$(PREFIX)"/share/bash-completion/completions
	install -m 644 $(B)/completion/spbreplay "$(DESTDIR)$(PREFIX)"/share/bash-completion/completions/
	install -d "$(DESTDIR)$(PREFIX)"/share/zsh/site-functions
	install -m 644 $(B)/completion/_spbreplay "$(DESTDIR)$(PREFIX)"/share/zsh/site-functions/
	install -d "$(DESTDIR)$(PREFIX)"/bin "$(DESTDIR)$(PREFIX)"/share/doc/spbreplay
	install -m 755 $(B)/spbreplay "$(DESTDIR)$(PREFIX)"/bin/spbreplay
	install -m 644 README.md LICENSE docs/*.md docs/*.png "$(DESTDIR)$(PREFIX)"/share/doc/spbreplay/

clean:
	rm -rf $(B) spbreplay

-include $(DAMAGE_OBJS:.o=.d) $(FUZZ_SRCS:%.c=$(B)/%.d) $(FUZZ_OBJS:.o=.d) $(B)/tests/fuzz/corpus.d
-include $(OBJS:.o=.d) $(TEST_LIB_OBJS:.o=.d) $(ORACLE_OBJS:.o=.d) $(TESTS:=.d) $(TOOLS:=.d)

# Test helpers are shared: keep them.
.SECONDARY: $(TEST_LIB_OBJS) $(ORACLE_OBJS) $(FUZZ_SRCS:%.c=$(B)/%.o) $(DAMAGE_OBJS)
.PHONY: FORCE all flags tools tests fuzzers fuzz deps check check-sanitized soak coverage mutate demo bench man install clean
.DELETE_ON_ERROR:
