/* Knows what a person at the terminal can do with a running instance. */
#include "cli/banner.h"

#include "base/mem.h"
#include "cli/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How NAME is typed in another terminal, whose $PATH is the system's own: takes PATH. */
static char *as_typed(const char *name, char *path)
{
	static const char *const places[] = {"/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/bin/",
					     "/usr/local/sbin/"};
	for (size_t i = 0; path != NULL && i < sizeof places / sizeof *places; i++) {
		size_t len = strlen(places[i]);
		if (strncmp(path, places[i], len) == 0 && strcmp(path + len, name) == 0) {
			free(path);
			path = NULL;
		}
	}
	return path != NULL ? path : mem_strdup(name);
}

void banner_print_password(const char *password)
{
	if (*password != '\0')
		printf("  log-in   admin   %s   (shown this once)\n", password);
}

static void print_page(const struct instance *instance, const char *password, const char *meridian)
{
	const struct listen_address *web = &instance->web_listen;
	bool v6 = strchr(web->host, ':') != NULL;
	printf("\nMeridian %s runs in %s\n\n", MERIDIAN_VERSION, instance->dir);
	printf("  page     %s://%s%s%s:%u\n", instance->web_tls_cert != NULL ? "https" : "http",
	       v6 ? "[" : "", web->host, v6 ? "]" : "", web->port);
	banner_print_password(password);
	if (*password == '\0')
		printf("  log-in   as before; a new user: %s user add NAME --role admin --dir %s\n",
		       meridian, instance->dir);
}

static void print_demo(const struct instance *instance, const struct demo *demo,
		       const char *meridian)
{
	const struct listen_address *dns = &instance->dns_listen[0];
	printf("\nAsk as a client in Germany, as one in the United States, and as yourself:\n\n");
	printf("  dig @%s -p %u www.demo.example +subnet=5.1.64.0/24\n", dns->host, dns->port);
	printf("  dig @%s -p %u www.demo.example +subnet=8.8.8.0/24\n", dns->host, dns->port);
	printf("  dig @%s -p %u cdn.demo.example\n", dns->host, dns->port);
	printf("\nStop both European backends and ask again, then start them:\n\n");
	printf("  %s demo stop eu1 eu2 --dir %s\n", meridian, instance->dir);
	printf("  %s demo start eu1 eu2 --dir %s\n", meridian, instance->dir);
	if (demo->has_birds) {
		char *birdc = as_typed("birdc", program_in_path("birdc"));
		printf("\nWhat the upstream router sees:\n\n  %s -s %s show route all\n", birdc,
		       demo->upstream_socket);
		free(birdc);
	}
}

void banner_print(const struct instance *instance, const char *password, const struct demo *demo)
{
	char *meridian = as_typed("meridian", program_beside("meridian"));
	print_page(instance, password, meridian);
	if (demo != NULL)
		print_demo(instance, demo, meridian);
	printf("\nCtrl-C ends all of it.\n\n");
	fflush(stdout);
	free(meridian);
}
