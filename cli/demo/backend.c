/*
 * meridian-demo-backend: one small HTTPS server of the demo. It answers GET /healthz with "ok" and
 * everything else with a page that says which backend it is, so that a browser or curl shows where
 * DNS has led it.
 *
 *   meridian-demo-backend NAME ADDRESS PORT CERT.pem KEY.pem
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, TIMEOUT_S = 5, REQUEST_MAX = 4096 };

static const char *backend_name;
static SSL_CTX *tls;
static atomic_int connections;

static void answer(SSL *ssl, const char *request)
{
	char body[256], reply[512];
	bool healthz = strncmp(request, "GET /healthz ", 13) == 0;
	snprintf(body, sizeof body, healthz ? "ok\n" : "This is the demo backend %s.\n",
		 backend_name);
	int len = snprintf(reply, sizeof reply,
			   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
			   "Connection: close\r\n\r\n%s",
			   strlen(body), body);
	SSL_write(ssl, reply, len);
}

static void *serve(void *argument)
{
	int fd = (int)(intptr_t)argument;
	char request[REQUEST_MAX + 1];
	int used = 0;
	SSL *ssl = SSL_new(tls);
	if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1) {
		while (used < REQUEST_MAX) {
			int n = SSL_read(ssl, request + used, REQUEST_MAX - used);
			if (n <= 0)
				break;
			used += n;
			request[used] = '\0';
			if (strstr(request, "\r\n\r\n") != NULL) {
				answer(ssl, request);
				break;
			}
		}
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
	atomic_fetch_sub(&connections, 1);
	return NULL;
}

static void hand_over(int fd)
{
	const struct timeval timeout = {.tv_sec = TIMEOUT_S};
	pthread_t thread;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	if (atomic_fetch_add(&connections, 1) < CONNECTIONS_MAX &&
	    pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0) {
		pthread_detach(thread);
		return;
	}
	atomic_fetch_sub(&connections, 1);
	close(fd);
}

static int listen_on(const char *address, const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	return bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0 ? fd
											     : -1;
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr,
			"usage: meridian-demo-backend NAME ADDRESS PORT CERT.pem KEY.pem\n");
		return 2;
	}
	backend_name = argv[1];
	signal(SIGPIPE, SIG_IGN);
	tls = SSL_CTX_new(TLS_server_method());
	if (tls == NULL || SSL_CTX_use_certificate_chain_file(tls, argv[4]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, argv[5], SSL_FILETYPE_PEM) != 1) {
		fprintf(stderr, "meridian-demo-backend: cannot use %s with %s: %s\n", argv[4],
			argv[5], ERR_reason_error_string(ERR_get_error()));
		return 1;
	}
	int listener = listen_on(argv[2], argv[3]);
	if (listener < 0) {
		fprintf(stderr, "meridian-demo-backend: cannot listen on %s port %s: %s\n", argv[2],
			argv[3], strerror(errno));
		return 1;
	}
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			hand_over(fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			usleep(10000);
	}
}
