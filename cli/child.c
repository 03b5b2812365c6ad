/* Knows how programs are started, watched and ended. */
#include "cli/child.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void child_init(struct child *child, const char *name, bool quiet, const char *const *args)
{
	*child = (struct child){.quiet = quiet, .restart_ms = CHILD_RESTART_MIN_MS};
	snprintf(child->name, sizeof child->name, "%s", name);
	for (size_t i = 0; args[i] != NULL && i < CHILD_ARGS_MAX; i++)
		child->argv[i] = mem_strdup(args[i]);
}

void child_fini(struct child *child)
{
	for (size_t i = 0; child->argv[i] != NULL; i++)
		free(child->argv[i]);
	*child = (struct child){0};
}

static void become(const struct child *child, pid_t parent)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	if (child->quiet) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	execv(child->argv[0], child->argv);
	_exit(127);
}

bool child_start(struct child *child, struct error *error)
{
	child->wanted = true;
	child->started = mono_now();
	if (access(child->argv[0], X_OK) != 0) {
		error_set_errno(error, "cannot run %s", child->argv[0]);
		return false;
	}
	pid_t parent = getpid(), pid = fork();
	if (pid < 0) {
		error_set_errno(error, "cannot start %s", child->name);
		return false;
	}
	if (pid == 0)
		become(child, parent);
	child->pid = pid;
	return true;
}

static bool reaped_within(pid_t pid, int timeout_ms)
{
	struct mono deadline = mono_add_ms(mono_now(), timeout_ms);
	for (;;) {
		pid_t done = waitpid(pid, NULL, WNOHANG);
		if (done == pid || (done < 0 && errno == ECHILD))
			return true;
		if (mono_ms_between(mono_now(), deadline) <= 0)
			return false;
		usleep(5000);
	}
}

void child_stop(struct child *child, int timeout_ms)
{
	child->wanted = false;
	if (child->pid == 0)
		return;
	kill(child->pid, SIGTERM);
	if (!reaped_within(child->pid, timeout_ms)) {
		log_warning("%s did not end within %d ms and is killed", child->name, timeout_ms);
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	child->pid = 0;
}

void child_ended(struct child *child, int status, struct mono now)
{
	child->pid = 0;
	if (!child->wanted)
		return;
	if (mono_ms_between(child->started, now) > CHILD_RESTART_MAX_MS)
		child->restart_ms = CHILD_RESTART_MIN_MS;
	child->restart_at = mono_add_ms(now, child->restart_ms);
	if (WIFSIGNALED(status))
		log_error("%s was ended by signal %d (%s); starting it again in %d ms", child->name,
			  WTERMSIG(status), strsignal(WTERMSIG(status)), child->restart_ms);
	else
		log_error("%s ended with status %d; starting it again in %d ms", child->name,
			  WEXITSTATUS(status), child->restart_ms);
	child->restart_ms = 2 * child->restart_ms < CHILD_RESTART_MAX_MS ? 2 * child->restart_ms
									 : CHILD_RESTART_MAX_MS;
}

void child_tend(struct child *child, struct mono now)
{
	struct error error = {0};
	if (!child->wanted || child->pid != 0 || mono_ms_between(now, child->restart_at) > 0)
		return;
	if (!child_start(child, &error)) {
		log_error("%s", error.text);
		child->restart_at = mono_add_ms(now, CHILD_RESTART_MAX_MS);
	}
}

char *program_beside(const char *name)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	path[len > 0 ? len : 0] = '\0';
	char *slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	return mem_printf("%s/%s", path, name);
}

char *program_in_path(const char *name)
{
	const char *path = getenv("PATH");
	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");
		char *candidate = mem_printf("%.*s/%s", (int)len, path, name);
		if (access(candidate, X_OK) == 0)
			return candidate;
		free(candidate);
		path += len + (path[len] == ':');
	}
	return NULL;
}

bool program_run(const char *const *args, struct error *error)
{
	struct child child;
	int status;
	child_init(&child, args[0], false, args);
	bool good = child_start(&child, error);
	if (good) {
		good = waitpid(child.pid, &status, 0) == child.pid && WIFEXITED(status) &&
		       WEXITSTATUS(status) == 0;
		if (!good)
			error_set(error, "%s failed; what it said stands above", args[0]);
	}
	child_fini(&child);
	return good;
}
