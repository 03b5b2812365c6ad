/*
 * instance: where an installation's files are and what its local settings (meridian.conf) say.
 *
 * Without a folder the packaged paths hold; with one everything lies below it (docs: "Files and
 * settings").
 */
#ifndef MERIDIAN_DB_INSTANCE_H
#define MERIDIAN_DB_INSTANCE_H

#include "base/addr.h"
#include "base/error.h"
#include "base/log.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { LISTEN_MAX = 32, RRL_ALLOW_PREFIXES_MAX = 64 };

/* What is done about announcements when the anycast controller has given no sign of life for long.
 */
enum dead_policy { DEAD_KEEP, DEAD_DEGRADE, DEAD_WITHDRAW };

struct listen_address {
	char host[64]; /* an IP address as text */
	uint16_t port;
};

struct instance {
	char *dir;	/* NULL: packaged */
	char *settings; /* .../meridian.conf */
	char *config_db, *auth_db, *events_dir, *geo_dir;
	char *run_dir, *health, *bird_dir;

	/* [site] */
	char *site_name; /* default: the host's name up to the first dot */
	/* [dns] */
	struct listen_address dns_listen[LISTEN_MAX];
	unsigned dns_listen_count;
	unsigned dns_threads;  /* 0: one a core */
	unsigned dns_udp_size; /* 512..4096, default 1232 */
	char *dns_nsid;	       /* default: site_name */
	unsigned
		dns_rrl_rate; /* responses a second a network and class; 0: no limit; default 200 */
	unsigned dns_rrl_slip; /* 0..100, default 1: all beyond the rate are truncated */
	struct prefix dns_rrl_allow[RRL_ALLOW_PREFIXES_MAX]; /* default: loopback */
	unsigned dns_rrl_allow_count;
	char *dns_cookie_secret; /* a path; default /var/lib/meridian/dns/cookie_secret,
				    DIR/cookie_secret */
	char *dns_chaos_id, *dns_chaos_version; /* NULL: hidden */
	/* [geo]: MMDB paths, NULL where none is given and no default exists */
	char *geo_city, *geo_country, *geo_asn;
	/* [web] */
	struct listen_address web_listen;
	char *web_tls_cert, *web_tls_key;
	/* [bird] */
	char *bird_socket;  /* default /run/bird/bird.ctl; DIR/bird/bird.ctl under a folder */
	char *bird_include; /* default /run/meridian/bird/announce.conf; DIR/bird/announce.conf */
	uint32_t bird_hold_up_s;      /* how long the site must be well again, default 30 */
	uint32_t bird_boot_hold_up_s; /* the same for the first time after a start, default 10 */
	uint32_t bird_stop_drain_s;   /* how long it drains before it ends, default 10; 0 under a
					 folder */
	uint32_t bird_settle_s; /* how long the responder goes on after a withdrawal, default 5; 0
				   under a folder */
	uint32_t
		bird_stale_config_s; /* how far the responder may be behind, default 300; 0: ever */
	uint32_t bird_stale_places_days; /* how old the place table may be, default 0: ever */
	uint32_t bird_announce_gap_s; /* least time between two announces of a prefix, default 60 */
	enum dead_policy bird_on_controller_dead; /* default keep */
	uint32_t bird_controller_dead_s; /* how long without a sign of life is dead, default 60 */
	/* [log] */
	enum log_level log_level;
};

/*
 * DIR may be NULL. A missing settings file means defaults (packaged: DNS on port 53 of all
 * addresses, web on 127.0.0.1:8080; DIR: DNS 5300 on 127.0.0.1 and ::1). An unknown section or key,
 * or a bad value, is an error that names file, section, key and remedy.
 */
bool instance_load(const char *dir, struct instance *instance, struct error *error)
	__attribute__((warn_unused_result));
void instance_fini(struct instance *instance);

/* DIR/run/NAME.sock or /run/meridian/NAME.sock: "geodns", "healthcheck", "bgpctl", "web". The
 * caller frees. */
char *instance_socket(const struct instance *instance, const char *daemon);

/* Creates the folders an instance needs (0750) where DIR is set; packaged ones are the package's.
 */
bool instance_prepare(const struct instance *instance, struct error *error)
	__attribute__((warn_unused_result));

/*
 * What every daemon's main() does first: reads --dir, --help and --version, loads the instance,
 * opens the log. Returns -1 to go on, or an exit status (0 after --help, 2 on a usage error, 1 on a
 * bad setting, with the sentence on stderr).
 */
int instance_start(int argc, char **argv, const char *program, const char *about,
		   struct instance *instance);

#endif
