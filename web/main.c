/* meridian-web: the API and the dashboard. Knows in which order the daemon is put together and
 * taken down. */
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "base/wall.h"
#include "db/control.h"
#include "web/counters.h"
#include "web/dispatch.h"
#include "web/feed.h"
#include "web/hub.h"
#include "web/routes.h"
#include "web/status.h"
#include "web/traffic.h"
#include "web/verdicts.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOGIN_BURST = 10,
	LOGIN_REFILL_MS = 30000,
	/* Wider, so that one address alone cannot keep a user out. */
	LOGIN_NAME_BURST = 100,
	LOGIN_NAME_REFILL_MS = 5000,
	WRITE_BURST = 300,
	WRITE_REFILL_MS = 100,
	JOURNAL_CLOSE_MS = 2000,
	PEM_MAX = 1 << 20
};

/* The text of FILE, NULL with ERROR. */
static char *read_pem(const char *path, struct error *error)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		error_set_errno(error, "cannot read %s", path);
		return NULL;
	}
	char *text = mem_array(PEM_MAX + 1, 1);
	size_t len = fread(text, 1, PEM_MAX, file);
	bool bad = ferror(file) != 0 || len == PEM_MAX;
	fclose(file);
	if (!bad)
		return text;
	free(text);
	error_set(error, "%s cannot be read, or is no PEM file", path);
	return NULL;
}

/* The one moment at which a password is seen: the first start. */
static bool make_first_admin(struct app *app, struct error *error)
{
	char password[AUTH_SECRET_MAX];
	if (!auth_is_empty(app->auth))
		return true;
	auth_generate_password(password);
	if (!auth_user_add(app->auth, "admin", password, ROLE_ADMIN, error))
		return false;
	fprintf(stderr, "first log-in: admin / %s\n", password);
	return true;
}

static bool open_app(struct app *app, struct error *error)
{
	char *journal = mem_printf("%s/web.db", app->instance.events_dir);
	app->started_ms = wall_now_ms();
	app->routes = routes();
	app->counters = counters_new();
	app->idempotency = idempotency_new();
	app->login_limit = limiter_new(LOGIN_BURST, LOGIN_REFILL_MS);
	app->login_name_limit = limiter_new(LOGIN_NAME_BURST, LOGIN_NAME_REFILL_MS);
	app->write_limit = limiter_new(WRITE_BURST, WRITE_REFILL_MS);
	app->hub = hub_new();
	app->traffic = traffic_new();
	app->verdicts = verdicts_open(app->instance.health);
	app->config = config_open(app->instance.config_db);
	app->journal = journal_open(journal, "web");
	free(journal);
	app->auth = auth_open(app->instance.auth_db, error);
	return app->auth != NULL && make_first_admin(app, error);
}

static void close_app(struct app *app)
{
	if (app->auth != NULL)
		auth_close(app->auth);
	journal_close(app->journal, JOURNAL_CLOSE_MS);
	config_close(app->config);
	verdicts_close(app->verdicts);
	traffic_free(app->traffic);
	hub_free(app->hub);
	limiter_free(app->login_limit);
	limiter_free(app->login_name_limit);
	limiter_free(app->write_limit);
	idempotency_free(app->idempotency);
	counters_free(app->counters);
}

static struct http *start_http(struct app *app, struct error *error)
{
	const struct instance *instance = &app->instance;
	char *cert = NULL, *key = NULL;
	struct http *http = NULL;
	struct http_handler handler = dispatch_handler(app);
	if (instance->web_tls_cert != NULL && instance->web_tls_key != NULL) {
		cert = read_pem(instance->web_tls_cert, error);
		key = cert != NULL ? read_pem(instance->web_tls_key, error) : NULL;
		if (key == NULL)
			goto out;
	}
	http = http_start(instance->web_listen.host, instance->web_listen.port, cert, key, &handler,
			  error);
	if (http != NULL)
		log_notice("serving %s://%s:%u", cert != NULL ? "https" : "http",
			   instance->web_listen.host, instance->web_listen.port);
out:
	free(cert);
	free(key);
	return http;
}

static json_t *answer_control(void *context, const char *verb, const json_t *args)
{
	(void)args;
	struct app *app = context;
	if (strcmp(verb, "status") == 0)
		return status_of_web(app);
	if (strcmp(verb, "stats") == 0)
		return counters_stats(app);
	return NULL;
}

/* Until SIGTERM or SIGINT. */
static void serve_control(struct control *control, int signals)
{
	struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
			       {.fd = control_fd(control), .events = POLLIN}};
	while ((fds[0].revents & POLLIN) == 0) {
		if (poll(fds, 2, 1000) < 0)
			fds[0].revents = 0;
		control_step(control);
	}
}

static int block_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool run(struct app *app, struct error *error)
{
	char *socket = instance_socket(&app->instance, "web");
	int signals = block_signals();
	bool done = false;
	struct control *control = NULL;
	struct feed *feed = NULL;
	struct http *http = NULL;
	if (!open_app(app, error))
		goto out;
	control = control_open(socket, answer_control, app, error);
	feed = control != NULL ? feed_start(app, error) : NULL;
	http = feed != NULL ? start_http(app, error) : NULL;
	if (http != NULL) {
		notify_ready();
		serve_control(control, signals);
		log_notice("ending");
		done = true;
	}
out:
	hub_close(app->hub);
	if (http != NULL)
		http_stop(http);
	if (feed != NULL)
		feed_stop(feed);
	if (control != NULL)
		control_close(control);
	close_app(app);
	close(signals);
	free(socket);
	return done;
}

int main(int argc, char **argv)
{
	struct app app = {0};
	struct error error = {0};
	int status = instance_start(argc, argv, "meridian-web", "the API and the dashboard",
				    &app.instance);
	if (status >= 0)
		return status;
	umask(027);
	bool done = instance_prepare(&app.instance, &error) && run(&app, &error);
	if (!done)
		fprintf(stderr, "meridian-web: %s\n", error.text);
	instance_fini(&app.instance);
	return done ? 0 : 1;
}
