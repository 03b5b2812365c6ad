/*
 * Knows the order in which a place table is made safely: the inputs are copied, a sandboxed child
 * reads the copies and writes a table into a file that this process gave it, and this process
 * believes nothing of the child but a table that passes every check.
 */
#include "geodns/geoc_compile.h"

#include "base/mem.h"
#include "base/owner.h"
#include "base/wall.h"
#include "geodns/geoc_sandbox.h"
#include "geodns/mmdb.h"
#include "geodns/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A GeoIP2 City database is under 150 MB. */
enum { DATABASE_MAX = 512 << 20 };

static const char *const kind_names[PLACE_FROM_COUNT] = {"country", "city", "ASN"};

/* What the child works with. */
struct job {
	int input[PLACE_FROM_COUNT]; /* memfd, or -1 */
	int output, folder;
	int64_t now_ms;
};

/* A private copy of the file, for an administrator may overwrite it while it is read. */
static int copy_input(const char *path, struct error *error)
{
	struct stat status;
	int copy = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) != 0) {
		error_set_errno(error, "cannot be read");
		goto out;
	}
	if (!S_ISREG(status.st_mode) || status.st_size <= 0 || status.st_size > DATABASE_MAX) {
		error_set(error, "is not a file of 1 to %d octets", DATABASE_MAX);
		goto out;
	}
	copy = memfd_create("mmdb", MFD_CLOEXEC);
	off_t done = 0;
	while (copy >= 0 && done < status.st_size) {
		ssize_t sent = sendfile(copy, fd, &done, (size_t)(status.st_size - done));
		if (sent <= 0) {
			error_set_errno(error, "cannot be copied");
			close(copy);
			copy = -1;
		}
	}
out:
	if (fd >= 0)
		close(fd);
	return copy;
}

static bool copy_inputs(const struct geoc_request *request, struct job *job, struct error *error)
{
	for (int i = 0; i < PLACE_FROM_COUNT; i++) {
		if (request->database[i] == NULL)
			continue;
		job->input[i] = copy_input(request->database[i], error);
		if (job->input[i] < 0) {
			error_prefix(error, "%s database %s", kind_names[i], request->database[i]);
			return false;
		}
	}
	return true;
}

static bool read_input(const struct job *job, int kind, struct place_set *places,
		       struct mmdb_content *content, struct error *error)
{
	char path[32];
	if (job->input[kind] < 0)
		return true;
	snprintf(path, sizeof path, "/proc/self/fd/%d", job->input[kind]);
	return mmdb_read(path, (enum place_source_kind)kind, places, content, error);
}

/* The city database says more where it says something; the country database fills its gaps. */
static void assemble(struct place_table *table, const struct place_set *places,
		     const struct mmdb_content content[PLACE_FROM_COUNT],
		     struct range_list *together)
{
	range_list_overlay(together, &content[PLACE_FROM_CITY].ranges,
			   &content[PLACE_FROM_COUNTRY].ranges);
	table->places = places->places;
	table->place_count = places->count;
	table->place4 = range_list_view4(together);
	table->place6 = range_list_view6(together);
	table->asn4 = range_list_view4(&content[PLACE_FROM_ASN].ranges);
	table->asn6 = range_list_view6(&content[PLACE_FROM_ASN].ranges);
	for (int i = 0; i < PLACE_FROM_COUNT; i++)
		table->from[i] = content[i].from;
}

/* In the sandbox. *KIND is the database at work, for the sentence. */
static bool compile_inputs(const struct job *job, int *kind, struct error *error)
{
	struct place_set places = {0};
	struct mmdb_content content[PLACE_FROM_COUNT] = {0};
	struct range_list together = {0};
	static const struct place unknown = {0};
	struct place_table table = {.built_ms = job->now_ms};
	bool ok = true;
	(void)place_set_add(&places, &unknown);
	for (*kind = 0; ok && *kind < PLACE_FROM_COUNT; (*kind)++) {
		ok = read_input(job, *kind, &places, &content[*kind], error);
		if (!ok)
			break;
	}
	if (ok) {
		assemble(&table, &places, content, &together);
		ok = place_table_write(&table, job->output, error);
	}
	range_list_fini(&together);
	place_set_fini(&places);
	for (int i = 0; i < PLACE_FROM_COUNT; i++)
		mmdb_content_fini(&content[i]);
	return ok;
}

/* What the child says when it fails. */
struct verdict {
	int kind; /* PLACE_FROM_COUNT: not one database's fault */
	struct error error;
};

static _Noreturn void child(const struct job *job, int to)
{
	struct verdict verdict = {.kind = PLACE_FROM_COUNT};
	/* A killed parent leaves nobody at work. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	bool ok = geoc_sandbox_enter(&verdict.error) &&
		  compile_inputs(job, &verdict.kind, &verdict.error);
	if (!ok && write(to, &verdict, sizeof verdict) != (ssize_t)sizeof verdict)
		_exit(2);
	_exit(ok ? 0 : 1);
}

/* The child may be anyone's by now: its words are cut to printable text. */
static void explain_failure(const struct geoc_request *request, struct verdict *verdict, int status,
			    struct error *error)
{
	if (WIFSIGNALED(status)) {
		error_set(error,
			  "the compiler was ended by signal %d (%s) in its sandbox: a database is "
			  "damaged or crafted",
			  WTERMSIG(status), strsignal(WTERMSIG(status)));
		return;
	}
	verdict->error.text[sizeof verdict->error.text - 1] = '\0';
	for (char *c = verdict->error.text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	error_set(error, "%s", verdict->error.text);
	if (verdict->kind >= 0 && verdict->kind < PLACE_FROM_COUNT)
		error_prefix(error, "%s database %s", kind_names[verdict->kind],
			     request->database[verdict->kind]);
}

static bool run_child(const struct geoc_request *request, const struct job *job,
		      struct error *error)
{
	int ends[2], status = 0;
	struct verdict verdict = {.kind = PLACE_FROM_COUNT,
				  .error = {"the compiler said nothing of why it failed"}};
	if (pipe2(ends, O_CLOEXEC) != 0) {
		error_set_errno(error, "the compiler cannot be started");
		return false;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		child(job, ends[1]);
	}
	close(ends[1]);
	if (pid > 0) {
		struct verdict said;
		if (read(ends[0], &said, sizeof said) == (ssize_t)sizeof said)
			verdict = said;
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	} else {
		error_set_errno(error, "the compiler cannot be started");
	}
	close(ends[0]);
	if (pid > 0 && status != 0)
		explain_failure(request, &verdict, status, error);
	return pid > 0 && status == 0;
}

/* Half the networks of yesterday is an accident until somebody says that it is not. */
static bool is_not_shrunken(const struct geoc_request *request, const struct place_table *made,
			    struct error *error)
{
	struct place_table *before = place_table_open(request->out, NULL);
	bool ok = true;
	for (int i = 0; ok && before != NULL && i < PLACE_FROM_COUNT; i++) {
		uint32_t now = made->from[i].networks, then = before->from[i].networks;
		if (now == 0 || 2 * (uint64_t)now >= then)
			continue;
		error_set(error,
			  "%s database %s has shrunk from %u to %u networks; the table in use is "
			  "kept; meridian geo compile --accept-shrunken takes it all the same",
			  kind_names[i], request->database[i], then, now);
		ok = request->accept_shrunken;
	}
	place_table_close(before);
	return ok;
}

/* The folder of PATH, locked: one compiler at a time works there, the next one waits. */
static int lock_folder(const char *path, struct error *error)
{
	char *copy = mem_strdup(path);
	int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (folder >= 0 && flock(folder, LOCK_EX) == 0)
		return folder;
	error_set_errno(error, "place table %s cannot be written", path);
	if (folder >= 0)
		close(folder);
	return -1;
}

static void write_report(const struct place_table *made, const char *out, char report[256])
{
	int used = snprintf(report, 256, "%s: %zu IPv4 and %zu IPv6 ranges, %zu places", out,
			    made->place4.count, made->place6.count, made->place_count);
	for (int i = 0; i < PLACE_FROM_COUNT && used > 0 && used < 256; i++) {
		if (made->from[i].networks > 0)
			used += snprintf(report + used, 256 - (size_t)used,
					 ", %s %s of %u networks", kind_names[i],
					 made->from[i].description, made->from[i].networks);
	}
}

/* JOB's output, at TEMPORARY, holds the child's table; the responder, another user, reads what
 * becomes of it. */
static bool install(const struct geoc_request *request, const char *temporary,
		    const struct job *job, char report[256], struct error *error)
{
	struct place_table *made = place_table_open(temporary, error);
	if (made == NULL)
		return false;
	bool ok = is_not_shrunken(request, made, error);
	ok = ok && owner_from_folder(job->output, temporary, error);
	if (ok && (fchmod(job->output, 0644) != 0 || fsync(job->output) != 0 ||
		   rename(temporary, request->out) != 0 || fsync(job->folder) != 0)) {
		error_set_errno(error, "place table %s cannot be put in place", request->out);
		ok = false;
	}
	if (ok)
		write_report(made, request->out, report);
	place_table_close(made);
	return ok;
}

/* The folder is locked, so that what lies at TEMPORARY is a dead compiler's. */
static bool compile_beside(const struct geoc_request *request, struct job *job, char report[256],
			   struct error *error)
{
	char *temporary = mem_printf("%s.new", request->out);
	job->output = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = job->output >= 0;
	if (!ok) {
		error_set_errno(error, "place table %s cannot be written", request->out);
	} else {
		ok = copy_inputs(request, job, error) && run_child(request, job, error) &&
		     install(request, temporary, job, report, error);
		if (!ok)
			unlink(temporary);
		close(job->output);
	}
	free(temporary);
	return ok;
}

bool geoc_compile(const struct geoc_request *request, char report[256], struct error *error)
{
	struct job job = {.input = {-1, -1, -1}, .now_ms = wall_now_ms()};
	job.folder = lock_folder(request->out, error);
	if (job.folder < 0)
		return false;
	bool ok = compile_beside(request, &job, report, error);
	for (int i = 0; i < PLACE_FROM_COUNT; i++) {
		if (job.input[i] >= 0)
			close(job.input[i]);
	}
	refusal_leave(request->out, ok ? NULL : error->text);
	close(job.folder);
	return ok;
}
