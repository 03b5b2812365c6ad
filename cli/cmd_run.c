/* Knows the order in which an instance comes up under one terminal, stays up and goes down. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/banner.h"
#include "cli/child.h"
#include "cli/demo.h"
#include "cli/options.h"
#include "cli/place_table.h"
#include "cli/ports.h"
#include "cli/run_settings.h"
#include "cli/store_access.h"
#include "db/auth.h"
#include "db/control.h"
#include "db/document.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DAEMONS = 4, READY_TIMEOUT_MS = 20000, STOP_TIMEOUT_MS = 8000 };

/* In the order of starting; stopped in reverse, so that the controller withdraws while the
 * responder still answers. */
static const char *const daemon_names[DAEMONS] = {"healthcheck", "geodns", "web", "bgpctl"};

struct run {
	const struct command *command;
	struct instance instance;
	struct child daemons[DAEMONS];
	struct demo demo;
	bool is_demo;
	char password[AUTH_SECRET_MAX]; /* of the first administrator; "" where there is one already
					 */
	struct control *control;
	int folder, signals;
};

/*
 * Makes the folder and takes it for this process: the lock ends with the process, however that
 * ends. The descriptor, or -1 with ERROR.
 */
static int take_folder(const char *dir, struct error *error)
{
	if (mkdir(dir, 0750) != 0 && errno != EEXIST) {
		error_set_errno(error, "cannot create the folder %s", dir);
		return -1;
	}
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		error_set_errno(error, "cannot open the folder %s", dir);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	error_set(error,
		  "another `meridian run` has the folder %s; end it first or give another --dir",
		  dir);
	close(fd);
	return -1;
}

/* The country database that a build has beside its programs, or NULL. */
static char *built_country(void)
{
	char *beside = program_beside("../geo/country.mmdb"), *path = realpath(beside, NULL);
	free(beside);
	return path;
}

static bool apply_file(struct run *run, struct store *store, const char *file)
{
	struct error error = {0};
	struct findings findings = {0};
	struct changes changes = {0};
	int64_t revision = 0;
	size_t len;
	char *text = read_whole(file, DOCUMENT_MAX, &len, &error), *name = command_author();
	const struct author author = {.name = name, .comment = "meridian run --apply"};
	enum commit_result result = text == NULL ? COMMIT_FAILED : COMMIT_INVALID;
	if (text != NULL && document_read(text, len, false, store, &changes, &findings))
		result = store_commit(store, &changes, &author, NULL, false, &revision, &findings,
				      &error);
	int status = store_report(run->command, result, file, false, revision, &changes, &findings,
				  &error);
	changes_fini(&changes);
	findings_fini(&findings);
	free(name);
	free(text);
	return status == EXIT_DONE;
}

static bool fill_store(struct run *run, const struct option_list *files, struct error *error)
{
	struct store *store = store_open(run->instance.config_db, STORE_WRITE, error);
	bool good = store != NULL;
	for (size_t i = 0; good && i < files->count; i++)
		good = apply_file(run, store, files->at[i]);
	if (good && files->count == 0 && store_revision(store, error) == 0)
		good = demo_create(&run->instance, store, error);
	store_close(store);
	run->is_demo = good && demo_is_there(&run->instance);
	return good;
}

static bool first_user(struct run *run, struct error *error)
{
	struct auth *auth = auth_open(run->instance.auth_db, error);
	bool good = auth != NULL;
	if (good && auth_is_empty(auth)) {
		auth_generate_password(run->password);
		good = auth_user_add(auth, "admin", run->password, ROLE_ADMIN, error);
	}
	auth_close(auth);
	return good;
}

static bool start_daemons(struct run *run, struct error *error)
{
	for (size_t i = 0; i < DAEMONS; i++) {
		char *name = mem_printf("meridian-%s", daemon_names[i]),
		     *program = program_beside(name);
		const char *const args[] = {program, "--dir", run->instance.dir, NULL};
		child_init(&run->daemons[i], daemon_names[i], false, args);
		bool good = child_start(&run->daemons[i], error);
		free(program);
		free(name);
		if (!good)
			return false;
	}
	return true;
}

static struct child *child_of(struct run *run, pid_t pid)
{
	for (size_t i = 0; i < DAEMONS; i++)
		if (run->daemons[i].pid == pid)
			return &run->daemons[i];
	return demo_child(&run->demo, pid);
}

static void reap(struct run *run)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		struct child *child = child_of(run, pid);
		if (child != NULL)
			child_ended(child, status, mono_now());
	}
}

static void tend(struct run *run)
{
	struct mono now = mono_now();
	for (size_t i = 0; i < DAEMONS; i++)
		child_tend(&run->daemons[i], now);
	for (size_t i = 0; i < DEMO_BACKENDS; i++)
		child_tend(&run->demo.backends[i], now);
	for (size_t i = 0; i < 2; i++)
		child_tend(&run->demo.birds[i], now);
}

static json_t *backends_json(struct run *run)
{
	json_t *list = json_array();
	for (size_t i = 0; run->is_demo && i < DEMO_BACKENDS; i++) {
		const struct child *child = &run->demo.backends[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i}", "name", child->name,
						      "address", child->argv[2], "state",
						      child->pid != 0 ? "running" : "stopped",
						      "pid", (int)child->pid));
	}
	return json_pack("{s:o}", "backends", list);
}

/* The verbs of `meridian demo`. */
static json_t *answer_control(void *context, const char *verb, const json_t *args)
{
	struct run *run = context;
	struct error error = {0};
	const char *name = json_string_value(json_object_get(args, "name"));
	if (strcmp(verb, "backends") == 0)
		return backends_json(run);
	struct child *child = run->is_demo && name != NULL ? demo_backend(&run->demo, name) : NULL;
	if (child == NULL)
		return control_failure(
			"there is no demo backend \"%s\"; `meridian demo status` lists them",
			name != NULL ? name : "");
	if (strcmp(verb, "stop") == 0) {
		child_stop(child, 1000);
		return backends_json(run);
	}
	if (strcmp(verb, "start") == 0)
		return child->pid != 0 || child_start(child, &error)
			       ? backends_json(run)
			       : control_failure("%s", error.text);
	return NULL;
}

/* One round of the loop: a signal, a control request, or time for a restart. False when it is time
 * to end. */
static bool step(struct run *run, int timeout_ms)
{
	struct pollfd fds[] = {{.fd = run->signals, .events = POLLIN},
			       {.fd = control_fd(run->control), .events = POLLIN}};
	struct signalfd_siginfo info;
	poll(fds, 2, timeout_ms);
	control_step(run->control);
	while (read(run->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo != SIGCHLD)
			return false;
	}
	reap(run);
	tend(run);
	return true;
}

static bool daemon_answers(const struct run *run, const char *name)
{
	char *path = instance_socket(&run->instance, name);
	json_t *status = control_ask(path, "status", NULL, 500, NULL);
	json_decref(status);
	free(path);
	return status != NULL;
}

/* True when every daemon answers; false when it is time to end. */
static bool wait_ready(struct run *run)
{
	struct mono deadline = mono_add_ms(mono_now(), READY_TIMEOUT_MS);
	size_t ready = 0;
	while (ready < DAEMONS && mono_ms_between(mono_now(), deadline) > 0) {
		if (!step(run, 50))
			return false;
		while (ready < DAEMONS && daemon_answers(run, daemon_names[ready]))
			ready++;
	}
	if (ready < DAEMONS)
		log_warning("meridian-%s does not answer yet; what it says stands above",
			    daemon_names[ready]);
	return true;
}

static void stop_all(struct run *run)
{
	for (size_t i = DAEMONS; i > 0; i--) {
		child_stop(&run->daemons[i - 1], STOP_TIMEOUT_MS);
		child_fini(&run->daemons[i - 1]);
	}
	demo_stop(&run->demo);
	control_close(run->control);
	if (run->signals >= 0)
		close(run->signals);
	close(run->folder);
}

static bool open_signals(struct run *run, struct error *error)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	run->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	char *path = instance_socket(&run->instance, "run");
	run->control = control_open(path, answer_control, run, error);
	free(path);
	return run->signals >= 0 && run->control != NULL;
}

static bool bring_up(struct run *run, const struct option_list *files, struct error *error)
{
	if (!instance_prepare(&run->instance, error) || !open_signals(run, error) ||
	    !ports_are_free(&run->instance, error) || !fill_store(run, files, error) ||
	    (run->is_demo && !demo_ports_are_free(error)) || !first_user(run, error))
		return false;
	if (!place_table_make(&run->instance, PLACE_TABLE_WHEN_OLDER, error))
		log_warning("%s; until then every client is at an unknown place", error->text);
	error->text[0] = '\0';
	return (!run->is_demo || demo_start(&run->demo, &run->instance, error)) &&
	       start_daemons(run, error);
}

static bool read_port(const char *text, unsigned *port)
{
	long long number;
	if (text == NULL)
		return true;
	if (!option_number(text, &number) || number < 1 || number > 65535)
		return false;
	*port = (unsigned)number;
	return true;
}

/* --dir is read by options_read; here it decides where the settings are written before they are
 * read. */
static const char *dir_of(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
			return argv[i + 1];
		if (strncmp(argv[i], "--dir=", 6) == 0)
			return argv[i] + 6;
	}
	return "./meridian-data";
}

static bool prepare_settings(const char *dir, unsigned dns_port, unsigned http_port,
			     struct error *error)
{
	char *country = built_country();
	bool good = run_settings_write(dir, dns_port, http_port, country, error);
	free(country);
	return good;
}

int cmd_run(const struct command *command, int argc, char **argv)
{
	struct run run = {.command = command, .folder = -1, .signals = -1};
	struct option_list files = {0};
	struct error error = {0};
	const char *dns_text = NULL, *http_text = NULL, *dir = dir_of(argc, argv);
	unsigned dns_port = 0, http_port = 0;
	const struct option_spec specs[] = {
		{.name = "dns-port", .value = &dns_text},
		{.name = "http-port", .value = &http_text},
		{.name = "apply", .list = &files},
		{.name = NULL},
	};
	int status = options_read(command, argc, argv, specs, 0, 0, NULL, NULL);
	if (status >= 0)
		return status;
	log_open("meridian", LOG_LEVEL_NOTICE);
	if (!read_port(dns_text, &dns_port) || !read_port(http_text, &http_port)) {
		fprintf(stderr, "meridian run: a port is a number from 1 to 65535\n");
		return EXIT_USAGE;
	}
	run.folder = take_folder(dir, &error);
	if (run.folder < 0 || !prepare_settings(dir, dns_port, http_port, &error) ||
	    !instance_load(dir, &run.instance, &error))
		return command_failed(command, &error);
	bool up = bring_up(&run, &files, &error);
	if (!up && error.text[0] != '\0')
		command_failed(command, &error);
	bool ready = up && wait_ready(&run);
	if (ready)
		banner_print(&run.instance, run.password, run.is_demo ? &run.demo : NULL);
	else
		banner_print_password(run.password);
	while (ready && step(&run, 200))
		continue;
	if (up)
		printf("\nstopping\n");
	stop_all(&run);
	instance_fini(&run.instance);
	return up ? EXIT_DONE : EXIT_FAILED;
}
