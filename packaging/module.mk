# Packaging: the one list of Debian packages, the country database, peers unpacked for a look and for tests, install and deb.

BUILD_PACKAGES := gcc libc6-dev make pkg-config libcurl4-openssl-dev libcrypt-dev libinih-dev libjansson-dev libldns-dev \
	libmaxminddb-dev libmicrohttpd-dev libpcre2-dev libseccomp-dev libsqlite3-dev libssl-dev libuv1-dev
GEODATA_PACKAGES := libmaxmind-db-writer-perl
RUN_PACKAGES := ca-certificates openssl
CHECK_PACKAGES := bind9-dnsutils chromium chromium-driver clang-format git iproute2 libcmocka-dev procps python3 \
	python3-dnspython python3-pytest python3-selenium sqlite3 util-linux
BENCH_PACKAGES := valgrind

PEERS := build/peers
COUNTRY_MMDB := build/geo/country.mmdb

.PHONY: deps-build deps-check deps-bench geodata peers peers-run run
deps-build:
	@packaging/deps $(BUILD_PACKAGES) $(GEODATA_PACKAGES) $(RUN_PACKAGES)
deps-check: deps-build
	@packaging/deps $(CHECK_PACKAGES)
deps-bench: deps-check
	@packaging/deps $(BENCH_PACKAGES)

geodata: $(COUNTRY_MMDB)
$(COUNTRY_MMDB):
	@packaging/deps $(GEODATA_PACKAGES)
	@packaging/geodata/fetch $@

# Programs whose packages would start a service are unpacked under build/, not installed.
peers:
	@packaging/unpack $(PEERS) bird=bird2 birdc=bird2 nginx=nginx haproxy=haproxy gdnsd=gdnsd
peers-run:
	@command -v bird >/dev/null || [ -x /usr/sbin/bird ] || packaging/unpack $(PEERS) bird=bird2 birdc=bird2

# The main job with a demo configuration, in ./meridian-data, until Ctrl-C. ARGS are passed on.
run: deps-build
	@$(MAKE) --no-print-directory -s -j$$(nproc) all geodata peers-run
	@PATH="$(CURDIR)/$(PEERS)/bin:$$PATH:/usr/sbin" exec $(BUILD)/bin/meridian run $(ARGS)
