# Packaging: the one list of Debian packages, the country database, peers unpacked for a look and for tests, install and deb.

BUILD_PACKAGES := gcc libc6-dev make pkg-config libcurl4-openssl-dev libcrypt-dev libinih-dev libjansson-dev libldns-dev \
	libmaxminddb-dev libmicrohttpd-dev libpcre2-dev libseccomp-dev libsqlite3-dev libssl-dev libuv1-dev zlib1g-dev
GEODATA_PACKAGES := libmaxmind-db-writer-perl
RUN_PACKAGES := ca-certificates openssl
CHECK_PACKAGES := bind9-dnsutils chromium chromium-driver clang-format dpkg-dev git iproute2 libcmocka-dev procps python3 \
	python3-dnspython python3-pytest python3-selenium sqlite3 util-linux
BENCH_PACKAGES := valgrind
MACHINE_PACKAGES := debootstrap lintian

PEERS := build/peers
COUNTRY_MMDB := build/geo/country.mmdb

DEB_PACKAGES := dpkg-dev

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
	@packaging/unpack $(PEERS) bird=bird2 birdc=bird2 nginx=nginx haproxy=haproxy gdnsd=gdnsd nsd=nsd knotd=knot
peers-run:
	@command -v bird >/dev/null || [ -x /usr/sbin/bird ] || packaging/unpack $(PEERS) bird=bird2 birdc=bird2

# The main job with a demo configuration, in ./meridian-data, until Ctrl-C. ARGS are passed on.
run: deps-build
	@$(MAKE) --no-print-directory -s -j$$(nproc) all geodata peers-run
	@PATH="$(CURDIR)/$(PEERS)/bin:$$PATH:/usr/sbin" exec $(BUILD)/bin/meridian run $(ARGS)

.PHONY: install deb
DAEMONS := $(filter-out meridian meridian-demo-backend meridian-geoc,$(PROGRAMS))
install: all geodata
	install -d $(DESTDIR)/usr/bin $(DESTDIR)/usr/sbin $(DESTDIR)/etc/meridian $(DESTDIR)/etc/bird/meridian.d \
		$(DESTDIR)/lib/systemd/system/bird.service.d $(DESTDIR)/usr/lib/sysusers.d $(DESTDIR)/usr/lib/tmpfiles.d \
		$(DESTDIR)/usr/share/meridian/geo $(DESTDIR)/usr/share/doc/meridian/examples/bird $(DESTDIR)/usr/share/man/man1 \
		$(DESTDIR)/usr/share/man/man8
	install $(BUILD)/bin/meridian $(BUILD)/bin/meridian-geoc $(DESTDIR)/usr/bin
	install $(addprefix $(BUILD)/bin/,$(DAEMONS)) $(DESTDIR)/usr/sbin
	install -m 0644 packaging/meridian.conf $(DESTDIR)/etc/meridian
	install -m 0644 packaging/systemd/meridian-*.service packaging/systemd/meridian-*.path packaging/systemd/meridian-*.timer \
		$(DESTDIR)/lib/systemd/system
	install -m 0644 packaging/systemd/bird.service.conf $(DESTDIR)/lib/systemd/system/bird.service.d/meridian.conf
	install -m 0644 packaging/systemd/meridian.sysusers $(DESTDIR)/usr/lib/sysusers.d/meridian.conf
	install -m 0644 packaging/systemd/meridian.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/meridian.conf
	install -m 0644 $(COUNTRY_MMDB) $(DESTDIR)/usr/share/meridian/geo
	install -m 0644 README.md CHANGELOG.md LICENSE $(wildcard docs/*.md) $(DESTDIR)/usr/share/doc/meridian
	install -m 0644 packaging/bird/* $(DESTDIR)/usr/share/doc/meridian/examples/bird
	install -m 0644 $(wildcard web/ui/vendor/LICENSE.*) $(DESTDIR)/usr/share/doc/meridian
	install -m 0644 packaging/man/*.1 $(DESTDIR)/usr/share/man/man1
	install -m 0644 packaging/man/*.8 $(DESTDIR)/usr/share/man/man8
	ln -sfn /run/meridian/bird/announce.conf $(DESTDIR)/etc/bird/meridian.d/announce.conf

deb: deps-build
	@packaging/deps $(DEB_PACKAGES)
	@$(MAKE) --no-print-directory -s -j$$(nproc) all geodata
	@packaging/debian/build "$(VERSION)" "$(BUILD)"
