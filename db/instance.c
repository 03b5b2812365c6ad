/* Knows where an installation's files are and which local settings there are. */
#include "db/instance.h"

#include "base/addr.h"
#include "base/mem.h"

#include <errno.h>
#include <getopt.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKAGED_COUNTRY "/usr/share/meridian/geo/country.mmdb"

/* Everything an ini callback needs: inih gives one pointer. */
struct reading {
	struct instance *instance;
	struct error *error;
	bool failed;
};

static bool parse_number(const char *text, unsigned least, unsigned most, unsigned *value)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' || number < least ||
	    number > most)
		return false;
	*value = (unsigned)number;
	return true;
}

/* "192.0.2.1", "192.0.2.1:53", "::1", "[::1]:53". */
static bool parse_listen(const char *text, uint16_t default_port, struct listen_address *listen)
{
	char host[64];
	unsigned port = default_port;
	struct addr addr;
	if (strlen(text) >= sizeof host)
		return false;
	snprintf(host, sizeof host, "%s", text);
	char *colon = strrchr(host, ':');
	if (host[0] == '[') {
		char *bracket = strchr(host, ']');
		if (bracket == NULL)
			return false;
		if (bracket[1] == ':' && !parse_number(bracket + 2, 1, 65535, &port))
			return false;
		if (bracket[1] != ':' && bracket[1] != '\0')
			return false;
		*bracket = '\0';
		memmove(host, host + 1, strlen(host));
	} else if (colon != NULL && strchr(host, ':') == colon) {
		if (!parse_number(colon + 1, 1, 65535, &port))
			return false;
		*colon = '\0';
	}
	if (!addr_parse(host, &addr))
		return false;
	snprintf(listen->host, sizeof listen->host, "%s", host);
	listen->port = (uint16_t)port;
	return true;
}

static void replace(char **text, const char *value)
{
	free(*text);
	*text = mem_strdup(value);
}

static bool set_dns_listen(struct instance *instance, const char *value)
{
	char *list = mem_strdup(value), *rest = list;
	bool good = true;
	instance->dns_listen_count = 0;
	for (char *item; good && (item = strtok_r(rest, ", \t", &rest)) != NULL;) {
		good = instance->dns_listen_count < LISTEN_MAX &&
		       parse_listen(item, 53, &instance->dns_listen[instance->dns_listen_count++]);
	}
	free(list);
	return good && instance->dns_listen_count > 0;
}

static bool set_rrl_allow(struct instance *instance, const char *value)
{
	char *list = mem_strdup(value), *rest = list;
	bool good = true;
	const char *why;
	instance->dns_rrl_allow_count = 0;
	for (char *item; good && (item = strtok_r(rest, ", \t", &rest)) != NULL;) {
		good = instance->dns_rrl_allow_count < RRL_ALLOW_PREFIXES_MAX &&
		       prefix_parse(item, &instance->dns_rrl_allow[instance->dns_rrl_allow_count++],
				    &why);
	}
	free(list);
	return good;
}

struct setting {
	const char *section, *key, *wanted;
	bool (*set)(struct instance *instance, const char *value);
};

#define TEXT_SETTING(function, member)                                                             \
	static bool function(struct instance *instance, const char *value)                         \
	{                                                                                          \
		replace(&instance->member, value);                                                 \
		return *value != '\0';                                                             \
	}
TEXT_SETTING(set_site_name, site_name)
TEXT_SETTING(set_nsid, dns_nsid)
TEXT_SETTING(set_cookie_secret, dns_cookie_secret)
TEXT_SETTING(set_chaos_id, dns_chaos_id)
TEXT_SETTING(set_chaos_version, dns_chaos_version)
TEXT_SETTING(set_city, geo_city)
TEXT_SETTING(set_country, geo_country)
TEXT_SETTING(set_asn, geo_asn)
TEXT_SETTING(set_tls_cert, web_tls_cert)
TEXT_SETTING(set_tls_key, web_tls_key)
TEXT_SETTING(set_bird_socket, bird_socket)
TEXT_SETTING(set_bird_include, bird_include)

static bool set_threads(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 256, &instance->dns_threads);
}

static bool set_udp_size(struct instance *instance, const char *value)
{
	return parse_number(value, 512, 4096, &instance->dns_udp_size);
}

static bool set_rrl_rate(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 1000000, &instance->dns_rrl_rate);
}

static bool set_rrl_slip(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 100, &instance->dns_rrl_slip);
}

static bool set_web_listen(struct instance *instance, const char *value)
{
	return parse_listen(value, 8080, &instance->web_listen);
}

static bool set_hold_up(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 3600, &instance->bird_hold_up_s);
}

static bool set_boot_hold_up(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 3600, &instance->bird_boot_hold_up_s);
}

static bool set_announce_gap(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 3600, &instance->bird_announce_gap_s);
}

static bool set_stop_drain(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 600, &instance->bird_stop_drain_s);
}

static bool set_settle(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 60, &instance->bird_settle_s);
}

static bool set_stale_config(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 86400, &instance->bird_stale_config_s);
}

static bool set_stale_places(struct instance *instance, const char *value)
{
	return parse_number(value, 0, 3650, &instance->bird_stale_places_days);
}

static bool set_on_controller_dead(struct instance *instance, const char *value)
{
	static const char *const words[] = {
		[DEAD_KEEP] = "keep", [DEAD_DEGRADE] = "degrade", [DEAD_WITHDRAW] = "withdraw"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], value) == 0) {
			instance->bird_on_controller_dead = (enum dead_policy)i;
			return true;
		}
	return false;
}

static bool set_controller_dead(struct instance *instance, const char *value)
{
	return parse_number(value, 3, 86400, &instance->bird_controller_dead_s);
}

static bool set_log_level(struct instance *instance, const char *value)
{
	return log_level_parse(value, &instance->log_level);
}

static const struct setting settings[] = {
	{"site", "name", "a name", set_site_name},
	{"dns", "listen", "up to 32 addresses like 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53",
	 set_dns_listen},
	{"dns", "threads", "a number from 0 (one a core) to 256", set_threads},
	{"dns", "udp_size", "a number from 512 to 4096", set_udp_size},
	{"dns", "nsid", "a text", set_nsid},
	{"dns", "rrl_rate", "responses a second from 0 (no limit) to 1000000", set_rrl_rate},
	{"dns", "rrl_slip", "a number from 0 (all dropped) to 100", set_rrl_slip},
	{"dns", "rrl_allow", "up to 64 prefixes like 192.0.2.0/24 or 2001:db8::/32", set_rrl_allow},
	{"dns", "cookie_secret", "the path of the file of cookie secrets", set_cookie_secret},
	{"dns", "chaos_id", "a text", set_chaos_id},
	{"dns", "chaos_version", "a text", set_chaos_version},
	{"geo", "city", "the path of an MMDB file", set_city},
	{"geo", "country", "the path of an MMDB file", set_country},
	{"geo", "asn", "the path of an MMDB file", set_asn},
	{"web", "listen", "an address like 127.0.0.1:8080 or [::1]:8080", set_web_listen},
	{"web", "tls_cert", "the path of a PEM file", set_tls_cert},
	{"web", "tls_key", "the path of a PEM file", set_tls_key},
	{"bird", "socket", "the path of BIRD's control socket", set_bird_socket},
	{"bird", "include", "the path of the file that bird.conf includes", set_bird_include},
	{"bird", "hold_up_s", "seconds from 0 to 3600", set_hold_up},
	{"bird", "boot_hold_up_s", "seconds from 0 to 3600", set_boot_hold_up},
	{"bird", "announce_gap_s", "seconds from 0 to 3600", set_announce_gap},
	{"bird", "stop_drain_s", "seconds from 0 to 600", set_stop_drain},
	{"bird", "settle_s", "seconds from 0 to 60", set_settle},
	{"bird", "stale_config_s", "seconds from 0 (never) to 86400", set_stale_config},
	{"bird", "stale_places_days", "days from 0 (never) to 3650", set_stale_places},
	{"bird", "on_controller_dead", "keep, degrade or withdraw", set_on_controller_dead},
	{"bird", "controller_dead_s", "seconds from 3 to 86400", set_controller_dead},
	{"log", "level", "error, warning, notice, info or debug", set_log_level},
};

static void refuse(struct reading *reading, const char *section, const char *name)
{
	char known[1100] = "";
	size_t used = 0;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		int n = snprintf(known + used, sizeof known - used, "%s[%s] %s", i > 0 ? ", " : "",
				 settings[i].section, settings[i].key);
		if (n > 0 && used + (size_t)n < sizeof known)
			used += (size_t)n;
	}
	error_set(reading->error, "%s: [%s] %s is not a setting; known are %s",
		  reading->instance->settings, section, name, known);
}

static int take_setting(void *context, const char *section, const char *name, const char *value)
{
	struct reading *reading = context;
	if (reading->failed)
		return 1;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const struct setting *setting = &settings[i];
		if (strcmp(setting->section, section) != 0 || strcmp(setting->key, name) != 0)
			continue;
		if (!setting->set(reading->instance, value)) {
			error_set(reading->error, "%s: [%s] %s = %s: wanted is %s",
				  reading->instance->settings, section, name, value,
				  setting->wanted);
			reading->failed = true;
		}
		return 1;
	}
	refuse(reading, section, name);
	reading->failed = true;
	return 1;
}

static bool read_settings(struct instance *instance, struct error *error)
{
	struct reading reading = {.instance = instance, .error = error};
	int line = ini_parse(instance->settings, take_setting, &reading);
	if (reading.failed)
		return false;
	if (line > 0) {
		error_set(error, "%s: line %d is neither a [section] nor a key = value",
			  instance->settings, line);
		return false;
	}
	if (line < 0 && access(instance->settings, F_OK) == 0) {
		error_set_errno(error, "cannot read %s", instance->settings);
		return false;
	}
	if ((instance->web_tls_cert == NULL) != (instance->web_tls_key == NULL)) {
		error_set(error, "%s: [web] tls_cert and tls_key go together; set both or none",
			  instance->settings);
		return false;
	}
	return true;
}

static void set_packaged_paths(struct instance *instance)
{
	instance->settings = mem_strdup("/etc/meridian/meridian.conf");
	instance->config_db = mem_strdup("/var/lib/meridian/config.db");
	instance->auth_db = mem_strdup("/var/lib/meridian/auth.db");
	instance->events_dir = mem_strdup("/var/lib/meridian/events");
	instance->geo_dir = mem_strdup("/var/lib/meridian/geo");
	instance->run_dir = mem_strdup("/run/meridian");
	instance->health = mem_strdup("/run/meridian/health");
	instance->bird_dir = mem_strdup("/run/meridian/bird");
	instance->dns_cookie_secret = mem_strdup("/var/lib/meridian/dns/cookie_secret");
	instance->bird_socket = mem_strdup("/run/bird/bird.ctl");
	instance->bird_include = mem_strdup("/run/meridian/bird/announce.conf");
	bool good = set_dns_listen(instance, "0.0.0.0:53 [::]:53");
	(void)good;
}

static void set_paths_below(struct instance *instance, const char *dir)
{
	char *absolute = realpath(dir, NULL);
	instance->dir = absolute != NULL ? absolute : mem_strdup(dir);
	dir = instance->dir;
	instance->settings = mem_printf("%s/meridian.conf", dir);
	instance->config_db = mem_printf("%s/config.db", dir);
	instance->auth_db = mem_printf("%s/auth.db", dir);
	instance->events_dir = mem_printf("%s/events", dir);
	instance->geo_dir = mem_printf("%s/geo", dir);
	instance->run_dir = mem_printf("%s/run", dir);
	instance->health = mem_printf("%s/run/health", dir);
	instance->bird_dir = mem_printf("%s/bird", dir);
	instance->dns_cookie_secret = mem_printf("%s/cookie_secret", dir);
	instance->bird_socket = mem_printf("%s/bird/bird.ctl", dir);
	instance->bird_include = mem_printf("%s/bird/announce.conf", dir);
	bool good = set_dns_listen(instance, "127.0.0.1:5300 [::1]:5300");
	(void)good;
}

bool instance_load(const char *dir, struct instance *instance, struct error *error)
{
	memset(instance, 0, sizeof *instance);
	if (dir != NULL)
		set_paths_below(instance, dir);
	else
		set_packaged_paths(instance);
	char host[64] = "site";
	gethostname(host, sizeof host - 1);
	host[strcspn(host, ".")] = '\0';
	instance->site_name = mem_strdup(host);
	instance->dns_udp_size = 1232;
	instance->dns_rrl_rate = 200;
	instance->dns_rrl_slip = 1;
	bool loopback = set_rrl_allow(instance, "127.0.0.0/8 ::1");
	(void)loopback;
	instance->web_listen = (struct listen_address){.host = "127.0.0.1", .port = 8080};
	instance->log_level = LOG_LEVEL_NOTICE;
	instance->bird_hold_up_s = 30;
	instance->bird_boot_hold_up_s = 10;
	instance->bird_announce_gap_s = 60;
	instance->bird_stop_drain_s = dir != NULL ? 0 : 10;
	instance->bird_settle_s = dir != NULL ? 0 : 5;
	instance->bird_stale_config_s = 300;
	instance->bird_controller_dead_s = 60;
	if (!read_settings(instance, error)) {
		instance_fini(instance);
		return false;
	}
	if (instance->dns_nsid == NULL)
		instance->dns_nsid = mem_strdup(instance->site_name);
	if (instance->geo_country == NULL && access(PACKAGED_COUNTRY, R_OK) == 0)
		instance->geo_country = mem_strdup(PACKAGED_COUNTRY);
	return true;
}

void instance_fini(struct instance *instance)
{
	char *const owned[] = {
		instance->dir,
		instance->settings,
		instance->config_db,
		instance->auth_db,
		instance->events_dir,
		instance->geo_dir,
		instance->run_dir,
		instance->health,
		instance->bird_dir,
		instance->site_name,
		instance->dns_nsid,
		instance->geo_city,
		instance->geo_country,
		instance->geo_asn,
		instance->web_tls_cert,
		instance->web_tls_key,
		instance->bird_socket,
		instance->bird_include,
		instance->dns_cookie_secret,
		instance->dns_chaos_id,
		instance->dns_chaos_version,
	};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	memset(instance, 0, sizeof *instance);
}

char *instance_socket(const struct instance *instance, const char *daemon)
{
	return mem_printf("%s/%s.sock", instance->run_dir, daemon);
}

static bool make_folder(const char *path, struct error *error)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return true;
	error_set_errno(error, "cannot create the folder %s", path);
	return false;
}

bool instance_prepare(const struct instance *instance, struct error *error)
{
	if (instance->dir == NULL)
		return true;
	return make_folder(instance->dir, error) && make_folder(instance->events_dir, error) &&
	       make_folder(instance->geo_dir, error) && make_folder(instance->run_dir, error) &&
	       make_folder(instance->bird_dir, error);
}

int instance_start(int argc, char **argv, const char *program, const char *about,
		   struct instance *instance)
{
	static const struct option options[] = {
		{"dir", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	const char *dir = NULL;
	struct error error = {0};
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (option) {
		case 'd':
			dir = optarg;
			break;
		case 'h':
			printf("usage: %s [--dir DIR]\n\n%s\n\n"
			       "  --dir DIR   the instance's folder (default: the packaged paths)\n"
			       "  --version   print the version\n",
			       program, about);
			return 0;
		case 'V':
			printf("%s %s\n", program, MERIDIAN_VERSION);
			return 0;
		default:
			fprintf(stderr, "usage: %s [--dir DIR]\n", program);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: \"%s\" is not expected; usage: %s [--dir DIR]\n", program,
			argv[optind], program);
		return 2;
	}
	if (!instance_load(dir, instance, &error) || !instance_prepare(instance, &error)) {
		fprintf(stderr, "%s: %s\n", program, error.text);
		return 1;
	}
	log_open(program, instance->log_level);
	return -1;
}
