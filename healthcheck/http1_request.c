/* Knows how a request is written, and which fields it has that no monitor names. */
#include "healthcheck/http1_request.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct request {
	char *octets;
	size_t len;
};

/* Takes LINE. */
static void add_line(struct request *request, char *line)
{
	size_t len = strlen(line);
	request->octets = mem_resize(request->octets, request->len + len + 2, 1);
	memcpy(request->octets + request->len, line, len);
	memcpy(request->octets + request->len + len, "\r\n", 2);
	request->len += len + 2;
	free(line);
}

static void add_host(struct request *request, const char *host, const char *name, uint16_t port,
		     bool secure)
{
	struct addr ip;
	bool ipv6 = addr_parse(name, &ip) && ip.family == ADDR_IPV6;
	bool usual = port == (secure ? 443 : 80);
	char *suffix = usual ? mem_strdup("") : mem_printf(":%u", port);
	if (host != NULL)
		add_line(request, mem_printf("Host: %s", host));
	else
		add_line(request, mem_printf("Host: %s%s%s%s", ipv6 ? "[" : "", name,
					     ipv6 ? "]" : "", suffix));
	free(suffix);
}

static void add_fields(struct request *request, const struct monitor *monitor)
{
	bool agent = false, accept = false;
	for (size_t i = 0; i < monitor->header_count; i++) {
		const struct header *header = &monitor->headers[i];
		add_line(request, mem_printf("%s: %s", header->name, header->value));
		agent = agent || strcasecmp(header->name, "User-Agent") == 0;
		accept = accept || strcasecmp(header->name, "Accept") == 0;
	}
	if (!agent)
		add_line(request, mem_strdup("User-Agent: meridian-healthcheck/" MERIDIAN_VERSION));
	if (!accept)
		add_line(request, mem_strdup("Accept: */*"));
	if (monitor->connection != CONNECTION_REUSE)
		add_line(request, mem_strdup("Connection: close"));
}

char *http1_request(const struct monitor *monitor, const char *name, uint16_t port, bool secure,
		    size_t *len)
{
	struct request request = {0};
	const char *method = monitor->method != NULL ? monitor->method : "GET";
	const char *path = monitor->path != NULL ? monitor->path : "/";
	const char *body = monitor->body != NULL ? monitor->body : "";
	bool post = strcmp(method, "POST") == 0;
	add_line(&request, mem_printf("%s %s HTTP/1.1", method, path));
	add_host(&request, monitor->host, name, port, secure);
	add_fields(&request, monitor);
	if (post)
		add_line(&request, mem_printf("Content-Length: %zu", strlen(body)));
	add_line(&request, mem_strdup(""));
	if (post && *body != '\0') {
		add_line(&request, mem_strdup(body));
		request.len -= 2; /* the body has no line end of its own */
	}
	*len = request.len;
	return request.octets;
}
