/* Knows what the demo is made of. */
#include "cli/demo.h"

#include "base/log.h"
#include "base/mem.h"
#include "cli/demo_cert.h"
#include "cli/ports.h"
#include "db/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The demo's document, put in as it stands in cli/demo.json. */
__asm__(".section .rodata\n"
	".global demo_json, demo_json_end\n"
	"demo_json: .incbin \"cli/demo.json\"\n"
	"demo_json_end: .byte 0\n"
	".previous\n");
extern const char demo_json[], demo_json_end[];

static const struct {
	const char *name, *address;
} backends[DEMO_BACKENDS] = {
	{"eu1", "127.0.1.1"}, {"eu2", "127.0.1.2"}, {"us1", "127.0.2.1"}, {"us2", "127.0.2.2"}};

static const char san[] =
	"DNS:www.demo.example,DNS:cdn.demo.example,DNS:app.demo.example,DNS:api.demo.example,"
	"IP:127.0.1.1,IP:127.0.1.2,IP:127.0.2.1,IP:127.0.2.2";

static char *demo_path(const struct instance *instance, const char *name)
{
	return mem_printf("%s/demo/%s", instance->dir, name);
}

bool demo_is_there(const struct instance *instance)
{
	char *path = demo_path(instance, "ca.pem");
	bool there = access(path, R_OK) == 0;
	free(path);
	return there;
}

/* The document with the path of this instance's authority in its monitor. */
static char *document_text(const struct instance *instance)
{
	char *ca = demo_path(instance, "ca.pem");
	json_t *document = json_loadb(demo_json, (size_t)(demo_json_end - demo_json), 0, NULL);
	json_t *monitor = json_array_get(json_object_get(document, "monitors"), 0);
	json_object_set_new(monitor, "ca_file", json_string(ca));
	json_object_set_new(monitor, "port", json_integer(DEMO_PORT));
	json_t *site = json_array_get(json_object_get(document, "sites"), 0);
	json_object_set_new(site, "name", json_string(instance->site_name));
	json_t *prefix = json_array_get(json_object_get(document, "prefixes"), 0);
	json_object_set_new(prefix, "sites", json_pack("[s]", instance->site_name));
	char *text = json_dumps(document, 0);
	json_decref(document);
	free(ca);
	return text;
}

static bool write_document(const struct instance *instance, struct store *store,
			   struct error *error)
{
	const struct author author = {.name = "meridian run", .comment = "demo configuration"};
	struct findings findings = {0};
	struct changes changes = {0};
	int64_t revision;
	char *text = document_text(instance);
	enum commit_result result = COMMIT_INVALID;
	if (document_read(text, strlen(text), false, store, &changes, &findings))
		result = store_commit(store, &changes, &author, NULL, false, &revision, &findings,
				      error);
	if (findings.count > 0)
		error_set(error, "the demo's document is refused at %s: %s", findings.at[0].pointer,
			  findings.at[0].message);
	changes_fini(&changes);
	findings_fini(&findings);
	free(text);
	return result == COMMIT_DONE || result == COMMIT_NOTHING;
}

bool demo_create(const struct instance *instance, struct store *store, struct error *error)
{
	char *folder = mem_printf("%s/demo", instance->dir);
	bool good = mkdir(folder, 0750) == 0 || errno == EEXIST;
	if (!good)
		error_set_errno(error, "cannot create the folder %s", folder);
	good = good && demo_cert_write(folder, san, 3650, error) &&
	       write_document(instance, store, error);
	free(folder);
	return good;
}

bool demo_ports_are_free(struct error *error)
{
	static const char remedy[] =
		"the demo needs it: end that program (another `meridian run`?), "
		"or go without the demo: another --dir and --apply FILE";
	static const char *const routers[] = {"127.0.0.1", "127.0.0.2"};
	for (size_t i = 0; i < DEMO_BACKENDS; i++)
		if (!port_is_free(backends[i].address, DEMO_PORT, SOCK_STREAM, remedy, error))
			return false;
	char *bird = program_in_path("bird");
	bool free_of_bird = bird == NULL, good = true;
	free(bird);
	for (size_t i = 0; good && !free_of_bird && i < 2; i++)
		good = port_is_free(routers[i], DEMO_BGP_PORT, SOCK_STREAM, remedy, error);
	return good;
}

static bool start_backends(struct demo *demo, const struct instance *instance, struct error *error)
{
	char port[8];
	char *program = program_beside("meridian-demo-backend");
	char *cert = demo_path(instance, "server.pem"), *key = demo_path(instance, "server.key");
	bool good = true;
	snprintf(port, sizeof port, "%d", DEMO_PORT);
	for (size_t i = 0; good && i < DEMO_BACKENDS; i++) {
		const char *const args[] = {
			program, backends[i].name, backends[i].address, port, cert, key, NULL};
		child_init(&demo->backends[i], backends[i].name, false, args);
		good = child_start(&demo->backends[i], error);
	}
	free(key);
	free(cert);
	free(program);
	return good;
}

/*
 * Two routers that speak BGP over loopback: `strict bind` lets both have the port, each on its own
 * address. The export filter maps the state tag as packaging/bird/bird.conf does.
 */
static const char site_conf[] =
	"log stderr { warning, error, fatal };\n"
	"router id 192.0.2.1;\n"
	"define MERIDIAN_AS = 64512;\n"
	"protocol device {}\n"
	"filter announced {\n"
	"	if proto != \"meridian4\" then reject;\n"
	"	if (64512, 53, 2) ~ bgp_large_community then {\n"
	"		bgp_path.prepend(64512); bgp_path.prepend(64512); bgp_path.prepend(64512); "
	"bgp_med = 500; accept;\n"
	"	}\n"
	"	if (64512, 53, 3) ~ bgp_large_community then {\n"
	"		bgp_path.prepend(64512); bgp_path.prepend(64512); bgp_path.prepend(64512); "
	"bgp_med = 1000;\n"
	"		bgp_community.add((65535, 0)); accept;\n"
	"	}\n"
	"	if (64512, 53, 1) ~ bgp_large_community then accept;\n"
	"	reject;\n"
	"}\n"
	"include \"%s\";\n"
	"protocol bgp upstream {\n"
	"	strict bind yes; multihop; hold time 9; connect delay time 1; connect retry time "
	"2; error wait time 1, 4;\n"
	"	local 127.0.0.1 port 1790 as 64512; neighbor 127.0.0.2 port 1790 as 64496;\n"
	"	ipv4 { import none; export filter announced; };\n"
	"}\n";

static const char upstream_conf[] =
	"log stderr { warning, error, fatal };\n"
	"router id 192.0.2.254;\n"
	"protocol device {}\n"
	"protocol bgp site {\n"
	"	strict bind yes; multihop; hold time 9; connect delay time 1; connect retry time "
	"2; error wait time 1, 4;\n"
	"	local 127.0.0.2 port 1790 as 64496; neighbor 127.0.0.1 port 1790 as 64512;\n"
	"	ipv4 { import all; export none; };\n"
	"}\n";

static bool write_file(const char *path, const char *text, struct error *error)
{
	FILE *file = fopen(path, "w");
	bool good = file != NULL && fputs(text, file) >= 0;
	good = (file == NULL || fclose(file) == 0) && good;
	if (!good)
		error_set_errno(error, "cannot write %s", path);
	return good;
}

static bool start_bird(struct child *child, const char *program, const char *folder,
		       const char *name, const char *conf, const char *text, const char *socket,
		       struct error *error)
{
	char *config = mem_printf("%s/%s.conf", folder, conf),
	     *pid = mem_printf("%s/%s.pid", folder, conf);
	const char *const args[] = {program, "-f", "-c", config, "-s", socket, "-P", pid, NULL};
	child_init(child, name, true, args);
	unlink(socket);
	bool good = write_file(config, text, error) && child_start(child, error);
	free(pid);
	free(config);
	return good;
}

static bool start_birds(struct demo *demo, const struct instance *instance, struct error *error)
{
	char *program = program_in_path("bird");
	if (program == NULL) {
		log_notice("bird is not installed, so the demo announces nothing by BGP; remedy: "
			   "apt install bird2");
		return true;
	}
	demo->has_birds = true;
	demo->upstream_socket = mem_printf("%s/upstream.ctl", instance->bird_dir);
	char *site_text = mem_printf(site_conf, instance->bird_include);
	/* Whatever an earlier run left: nothing is announced before it is proved. */
	bool good = write_file(instance->bird_include, "# nothing is announced yet\n", error);
	good = good &&
	       start_bird(&demo->birds[0], program, instance->bird_dir, "bird", "bird", site_text,
			  instance->bird_socket, error) &&
	       start_bird(&demo->birds[1], program, instance->bird_dir, "bird-upstream", "upstream",
			  upstream_conf, demo->upstream_socket, error);
	free(site_text);
	free(program);
	return good;
}

bool demo_start(struct demo *demo, const struct instance *instance, struct error *error)
{
	*demo = (struct demo){0};
	return start_backends(demo, instance, error) && start_birds(demo, instance, error);
}

void demo_stop(struct demo *demo)
{
	for (size_t i = 0; i < DEMO_BACKENDS; i++) {
		child_stop(&demo->backends[i], 1000);
		child_fini(&demo->backends[i]);
	}
	for (size_t i = 0; i < 2; i++) {
		child_stop(&demo->birds[i], 3000);
		child_fini(&demo->birds[i]);
	}
	free(demo->upstream_socket);
	*demo = (struct demo){0};
}

struct child *demo_child(struct demo *demo, pid_t pid)
{
	for (size_t i = 0; i < DEMO_BACKENDS; i++)
		if (demo->backends[i].pid == pid)
			return &demo->backends[i];
	for (size_t i = 0; i < 2; i++)
		if (demo->birds[i].pid == pid)
			return &demo->birds[i];
	return NULL;
}

struct child *demo_backend(struct demo *demo, const char *name)
{
	for (size_t i = 0; i < DEMO_BACKENDS; i++)
		if (strcmp(demo->backends[i].name, name) == 0)
			return &demo->backends[i];
	return NULL;
}
