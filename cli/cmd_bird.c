/* Knows how a bird.conf for this site is made from a few words, and which file may be replaced by
 * it.
 */
#include "base/addr.h"
#include "base/mem.h"
#include "cli/options.h"
#include "cli/store_access.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char marker[] = "# Written by `meridian bird setup`, which replaces it whole";
#define PACKAGED_INCLUDE "/run/meridian/bird/announce.conf"

enum { PEERS_MAX = 32, PASSWORD_MAX = 80 };

struct peer {
	char name[32];
	struct addr address;
	uint32_t as;
	char password[PASSWORD_MAX + 1];
};

struct bird_setup {
	uint32_t as;
	uint16_t port;
	struct addr router_id, local4, local6; /* family 0: not given */
	const char *bfd;		       /* an interface, NULL: none */
	struct peer peers[PEERS_MAX];
	size_t peer_count;
	const struct model *model;
	const struct instance *instance;
};

static bool number_in(const char *text, long long least, long long most, long long *number)
{
	return text != NULL && option_number(text, number) && *number >= least && *number <= most;
}

static bool is_word(const char *text, size_t most)
{
	size_t len = strlen(text);
	return len > 0 && len <= most &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
		       len;
}

/* The first line of the file PATH; it must stand between quotes in bird.conf. */
static bool read_password(const char *path, char *password, struct error *error)
{
	size_t len;
	char *text = read_whole(path, 4096, &len, error);
	if (text == NULL)
		return false;
	text[strcspn(text, "\n")] = '\0';
	len = strlen(text);
	bool good = len > 0 && len <= PASSWORD_MAX && strpbrk(text, "\"\\") == NULL;
	for (size_t i = 0; i < len; i++)
		good = good && text[i] > ' ' && text[i] < 0x7f;
	if (good)
		memcpy(password, text, len + 1);
	else
		error_set(error,
			  "%s: a password is one line of up to %d printable characters, "
			  "without blanks, quotes and backslashes",
			  path, PASSWORD_MAX);
	free(text);
	return good;
}

/* "upstream1,198.51.100.1,64513[,PASSWORD-FILE]" */
static bool read_peer(const char *text, struct peer *peer, struct error *error)
{
	char *copy = mem_strdup(text), *rest = copy;
	const char *name = strsep(&rest, ","), *address = strsep(&rest, ",");
	const char *as = strsep(&rest, ",");
	long long number = 0;
	bool good = address != NULL && is_word(name, sizeof peer->name - 1) &&
		    strpbrk(name, "-.") == NULL && addr_parse(address, &peer->address) &&
		    number_in(as, 1, UINT32_MAX, &number);
	if (good) {
		snprintf(peer->name, sizeof peer->name, "%s", name);
		peer->as = (uint32_t)number;
		good = rest == NULL || read_password(rest, peer->password, error);
	} else {
		error_set(error,
			  "--peer %.80s is not NAME,ADDRESS,AS[,PASSWORD-FILE], as in "
			  "upstream1,198.51.100.1,64513",
			  text);
	}
	free(copy);
	return good;
}

static bool read_local(const struct option_list *list, struct bird_setup *setup,
		       struct error *error)
{
	struct addr address;
	for (size_t i = 0; i < list->count; i++) {
		if (!addr_parse(list->at[i], &address)) {
			error_set(error, "--local %.80s is not an address", list->at[i]);
			return false;
		}
		*(address.family == ADDR_IPV6 ? &setup->local6 : &setup->local4) = address;
	}
	for (size_t i = 0; i < setup->peer_count; i++) {
		bool six = setup->peers[i].address.family == ADDR_IPV6;
		if ((six ? setup->local6 : setup->local4).family != 0)
			continue;
		error_set(error, "peer %s is reached over IPv%d: say our own address with --local",
			  setup->peers[i].name, six ? 6 : 4);
		return false;
	}
	return true;
}

static size_t print_owned(FILE *out, const struct bird_setup *setup, int family)
{
	const struct objects *prefixes = &setup->model->of[KIND_PREFIX];
	size_t count = 0;
	fprintf(out, "define MERIDIAN_OWNED%d = [", family);
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct announce_prefix *prefix = &prefixes->at[i]->prefix;
		bool here = false;
		for (size_t k = 0; k < prefix->sites.count; k++)
			here = here || strcmp(prefix->sites.at[k], setup->instance->site_name) == 0;
		if (here && prefix->prefix.addr.family == family)
			fprintf(out, "%s%s", count++ > 0 ? ", " : " ", prefixes->at[i]->id);
	}
	fputs(" ];\n", out);
	return count;
}

static const char attributes[] =
	"# Turns the state tag into what neighbours see; without a tag nothing leaves.\n"
	"function meridian_attributes()\n{\n"
	"\tif (MERIDIAN_AS, 53, 2) ~ bgp_large_community then {\n"
	"\t\tbgp_path.prepend(MERIDIAN_AS); bgp_path.prepend(MERIDIAN_AS); "
	"bgp_path.prepend(MERIDIAN_AS);\n\t\tbgp_med = 500;\n"
	"\t} else if (MERIDIAN_AS, 53, 3) ~ bgp_large_community then {\n"
	"\t\tbgp_community.add((65535, 0));\n"
	"\t\tbgp_path.prepend(MERIDIAN_AS); bgp_path.prepend(MERIDIAN_AS); "
	"bgp_path.prepend(MERIDIAN_AS);\n\t\tbgp_med = 1000;\n"
	"\t} else if !((MERIDIAN_AS, 53, 1) ~ bgp_large_community) then {\n\t\treject;\n\t}\n"
	"\tbgp_large_community.delete([(MERIDIAN_AS, 53, *)]);\n\taccept;\n}\n\n"
	"filter meridian_export4 { if proto = \"meridian4\" && net ~ MERIDIAN_OWNED4 then "
	"meridian_attributes(); reject; }\n"
	"filter meridian_export6 { if proto = \"meridian6\" && net ~ MERIDIAN_OWNED6 then "
	"meridian_attributes(); reject; }\n\n";

static void print_peer(FILE *out, const struct bird_setup *setup, const struct peer *peer,
		       const size_t owned[2])
{
	char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
	bool six = peer->address.family == ADDR_IPV6;
	addr_format(six ? &setup->local6 : &setup->local4, local);
	addr_format(&peer->address, remote);
	fprintf(out, "protocol bgp %s {\n\tlocal %s port %u as MERIDIAN_AS;\n", peer->name, local,
		setup->port);
	fprintf(out, "\tneighbor %s port %u as %u;\n", remote, setup->port, peer->as);
	if (peer->password[0] != '\0')
		fprintf(out, "\tpassword \"%s\";\n", peer->password);
	fputs("\thold time 30;\n\tkeepalive time 10;\n\tconnect delay time 1;\n\tconnect retry "
	      "time 5;\n\terror wait time 2, 30;\n\tgraceful restart off;\n",
	      out);
	if (setup->bfd != NULL)
		fputs("\tbfd on;\n", out);
	/* At least 1: "export limit 0" means none in some versions. */
	fprintf(out,
		"\tipv%d {\n\t\timport none;\n\t\texport filter meridian_export%d;\n\t\texport "
		"limit %zu action block;\n\t};\n}\n\n",
		six ? 6 : 4, six ? 6 : 4, owned[six] > 0 ? owned[six] : 1);
}

/*
 * The packaged file is linked to from a folder of its own. Any other may lie beside this very file,
 * so it is named; as a pattern, because to BIRD a pattern that matches nothing is no error.
 */
static void print_include(FILE *out, const struct instance *instance)
{
	const char *path = instance->bird_include;
	size_t len = strlen(path);
	fputs("\n# What meridian-bgpctl announces.\n", out);
	if (strcmp(path, PACKAGED_INCLUDE) == 0 || len == 0)
		fputs("include \"/etc/bird/meridian.d/*.conf\";\n\n", out);
	else
		fprintf(out, "include \"%.*s[%c]\";\n\n", (int)len - 1, path, path[len - 1]);
}

static void print_conf(FILE *out, const struct bird_setup *setup)
{
	char id[ADDR_TEXT_MAX];
	size_t owned[2];
	addr_format(&setup->router_id, id);
	fprintf(out, "%s: change it there, not here.\n", marker);
	fprintf(out, "# Site %s, configuration revision %lld.\n\n", setup->instance->site_name,
		(long long)setup->model->revision);
	fprintf(out,
		"log syslog { info, remote, warning, error, auth, fatal, bug };\nrouter id "
		"%s;\n\ndefine MERIDIAN_AS = %u;\n",
		id, setup->as);
	fputs("# Exactly what may ever leave this site.\n", out);
	owned[0] = print_owned(out, setup, ADDR_IPV4);
	owned[1] = print_owned(out, setup, ADDR_IPV6);
	print_include(out, setup->instance);
	fputs(attributes, out);
	fputs("protocol device {\n\tscan time 10;\n}\n\n", out);
	if (setup->bfd != NULL)
		fprintf(out,
			"protocol bfd {\n\tinterface \"%s\" { min rx interval 100 ms; min tx "
			"interval 100 ms; multiplier 3; };\n}\n\n",
			setup->bfd);
	for (size_t i = 0; i < setup->peer_count; i++)
		print_peer(out, setup, &setup->peers[i], owned);
}

/* A file that is there must be ours: somebody else's is never replaced. An empty one is what stays
 * of ours where the disk was full. */
static bool may_write(const char *path, struct error *error)
{
	char line[sizeof marker] = "";
	FILE *file = fopen(path, "r");
	if (file == NULL && errno == ENOENT)
		return true;
	if (file != NULL) {
		size_t got = fread(line, 1, sizeof marker - 1, file);
		fclose(file);
		if (got == 0 || (got == sizeof marker - 1 && memcmp(line, marker, got) == 0))
			return true;
	}
	error_set(error,
		  "%s is not a file that this command wrote: it is left alone; name another "
		  "with --out, or move it away",
		  path);
	return false;
}

/* Readable by BIRD, which runs as a group of its own, and by nobody else: it may hold passwords. */
static bool write_conf(const char *path, const struct bird_setup *setup, struct error *error)
{
	char *temporary = mem_printf("%s.new", path);
	const struct group *group = getgrnam("bird");
	if (!may_write(temporary, error)) {
		free(temporary);
		return false;
	}
	/* One that was left there may be readable by more. */
	(void)unlink(temporary);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool ok = out != NULL;
	if (ok) {
		print_conf(out, setup);
		/* Without the right to do so, the file stays its writer's. */
		if (group != NULL && fchown(fd, (uid_t)-1, group->gr_gid) != 0)
			fprintf(stderr, "meridian bird setup: the group of %s stays as it is\n",
				path);
		ok = fflush(out) == 0 && fsync(fd) == 0;
		ok = fclose(out) == 0 && ok && rename(temporary, path) == 0;
	}
	if (!ok) {
		error_set_errno(error, "cannot write %s", path);
		(void)unlink(temporary);
	}
	free(temporary);
	return ok;
}

/* One that this user may not speak to runs, too. */
static bool bird_runs(const char *socket_path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int len = snprintf(at.sun_path, sizeof at.sun_path, "%s", socket_path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool fits = len > 0 && (size_t)len < sizeof at.sun_path;
	bool runs = fd >= 0 && fits &&
		    (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0 || errno == EACCES);
	if (fd >= 0)
		close(fd);
	return runs;
}

struct setup_words {
	const char *as, *router_id, *bfd, *out, *port;
	struct option_list peers, local;
};

static bool read_words(const struct setup_words *words, struct bird_setup *setup,
		       struct error *error)
{
	long long as, port = 179;
	if (!number_in(words->as, 1, UINT32_MAX, &as) || words->router_id == NULL ||
	    !addr_parse(words->router_id, &setup->router_id) ||
	    setup->router_id.family != ADDR_IPV4 || words->peers.count == 0 ||
	    words->peers.count > PEERS_MAX) {
		error_set(error,
			  "say --as NUMBER, --router-id with an IPv4 address, and --peer for "
			  "each of up to %d neighbours",
			  PEERS_MAX);
		return false;
	}
	if ((words->port != NULL && !number_in(words->port, 1, 65535, &port)) ||
	    (words->bfd != NULL && !is_word(words->bfd, 15))) {
		error_set(error, "--port is a number up to 65535, --bfd the name of an interface");
		return false;
	}
	setup->as = (uint32_t)as;
	setup->port = (uint16_t)port;
	setup->bfd = words->bfd;
	for (; setup->peer_count < words->peers.count; setup->peer_count++)
		if (!read_peer(words->peers.at[setup->peer_count], &setup->peers[setup->peer_count],
			       error))
			return false;
	return read_local(&words->local, setup, error);
}

static int write_setup(const struct command *command, const struct instance *instance,
		       const char *out, struct bird_setup *setup)
{
	struct error error = {0};
	struct store *store = store_access(command, instance, STORE_READ);
	struct model *model = store != NULL ? store_load(store, &error) : NULL;
	char *path = out != NULL	     ? mem_strdup(out)
		     : instance->dir != NULL ? mem_printf("%s/bird.conf", instance->bird_dir)
					     : mem_strdup("/etc/bird/meridian.conf");
	int status = EXIT_FAILED;
	setup->model = model;
	setup->instance = instance;
	if (model != NULL && may_write(path, &error) && write_conf(path, setup, &error)) {
		printf("wrote %s; check it with: bird -p -c %s\n", path, path);
		if (out == NULL && instance->dir == NULL)
			printf("BIRD reads it by this line in /etc/bird/bird.conf: include "
			       "\"%s\";\n"
			       "and takes it up with: birdc configure\n",
			       path);
		if (bird_runs(instance->bird_socket))
			puts("BIRD runs, so announcing waits until you confirm what it is to "
			     "read: meridian anycast confirm");
		status = EXIT_DONE;
	} else if (store != NULL) {
		command_failed(command, &error);
	}
	model_unref(model);
	store_close(store);
	free(path);
	return status;
}

int cmd_bird_setup(const struct command *command, int argc, char **argv)
{
	struct setup_words words = {0};
	struct error error = {0};
	struct instance instance;
	const struct option_spec specs[] = {{.name = "as", .value = &words.as},
					    {.name = "router-id", .value = &words.router_id},
					    {.name = "peer", .list = &words.peers},
					    {.name = "local", .list = &words.local},
					    {.name = "bfd", .value = &words.bfd},
					    {.name = "port", .value = &words.port},
					    {.name = "out", .value = &words.out},
					    {.name = NULL}};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, &instance);
	if (status >= 0)
		return status;
	struct bird_setup *setup = mem_new(struct bird_setup);
	if (read_words(&words, setup, &error)) {
		status = write_setup(command, &instance, words.out, setup);
	} else {
		command_failed(command, &error);
		status = EXIT_USAGE;
	}
	free(setup);
	instance_fini(&instance);
	return status;
}
