/*
 * Knows when the controller counts as dead, whom that is told, and what is done about it once.
 *
 * Run by a timer: it looks once, and ends. What it remembers between its runs is a file beside the
 * heartbeat, so it goes with the boot.
 */
#include "base/log.h"
#include "base/mem.h"
#include "bgpctl/heartbeat.h"
#include "bgpctl/keep.h"
#include "bgpctl/whole_site.h"
#include "db/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was done about a death so far. UNDONE: it was told, but the site could not be lowered. */
enum mark { MARK_NONE, MARK_UNDONE, MARK_DONE };
static const char *const mark_words[] = {
	[MARK_NONE] = "", [MARK_UNDONE] = "undone\n", [MARK_DONE] = "done\n"};
static const char *const policy_words[] = {
	[DEAD_KEEP] = "keep", [DEAD_DEGRADE] = "degrade", [DEAD_WITHDRAW] = "withdraw"};

struct watch {
	struct instance instance;
	char *mark_path;
	struct journal *journal;
};

static enum mark read_mark(const struct watch *watch)
{
	char line[16] = "";
	FILE *file = fopen(watch->mark_path, "re");
	if (file == NULL)
		return MARK_NONE;
	bool done =
		fgets(line, sizeof line, file) != NULL && strcmp(line, mark_words[MARK_DONE]) == 0;
	fclose(file);
	return done ? MARK_DONE : MARK_UNDONE;
}

static void write_mark(const struct watch *watch, enum mark mark)
{
	size_t len = strlen(mark_words[mark]);
	int fd =
		open(watch->mark_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write(fd, mark_words[mark], len) != (ssize_t)len)
		log_warning("cannot write %s, so this is told again: %s", watch->mark_path,
			    strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void note(struct watch *watch, const char *from, const char *to, const char *reason)
{
	const struct event event = {.kind = "daemon",
				    .object = "daemon/bgpctl",
				    .from = from,
				    .to = to,
				    .reason = reason,
				    .actor = "watch"};
	if (watch->journal == NULL) {
		char *path = mem_printf("%s/bgpwatch.db", watch->instance.events_dir);
		watch->journal = journal_open(path, "bgpwatch");
		free(path);
	}
	journal_add(watch->journal, &event);
}

/* Does what the settings say; false where it could not be done, and is to be tried again. */
static bool lower(const struct watch *watch)
{
	struct whole_site result;
	enum dead_policy policy = watch->instance.bird_on_controller_dead;
	if (policy == DEAD_KEEP)
		return true;
	bool done = whole_site_lower(
		&watch->instance, policy == DEAD_DEGRADE ? LEVEL_DEGRADED : LEVEL_NONE,
		"the anycast controller gives no sign of life, and on_controller_dead says so",
		&result);
	if (!done)
		log_error("on_controller_dead = %s cannot be carried out: %s", policy_words[policy],
			  result.failure);
	else
		log_notice("on_controller_dead = %s is carried out, prefixes=%zu",
			   policy_words[policy], result.prefixes);
	return done;
}

static void dead(struct watch *watch, int64_t age_ms)
{
	enum dead_policy policy = watch->instance.bird_on_controller_dead;
	enum mark mark = read_mark(watch);
	char *text = mem_printf(
		"no sign of life for %lld s: checks are blind, and no change reaches BIRD; "
		"on_controller_dead = %s",
		(long long)(age_ms / 1000), policy_words[policy]);
	log_error("the anycast controller is dead: %s", text);
	if (mark == MARK_NONE)
		note(watch, "up", "dead", text);
	free(text);
	if (mark != MARK_DONE)
		write_mark(watch, lower(watch) ? MARK_DONE : MARK_UNDONE);
}

static void alive(struct watch *watch)
{
	if (read_mark(watch) == MARK_NONE)
		return;
	log_notice("the anycast controller is alive again, and decides anew");
	note(watch, "dead", "up", "it gives signs of life again");
	(void)unlink(watch->mark_path);
}

/* Exits 1 where the controller is dead, so that its unit fails and OnFailure= can tell. */
static int look(struct watch *watch)
{
	int64_t age_ms;
	if (!heartbeat_age(&watch->instance, mono_now(), &age_ms))
		return 0;
	if (age_ms < 1000 * (int64_t)watch->instance.bird_controller_dead_s) {
		alive(watch);
		return 0;
	}
	/* It was ended by an upgrade, which starts it again. */
	if (keep_in_force(&watch->instance))
		return 0;
	dead(watch, age_ms);
	return 1;
}

int main(int argc, char **argv)
{
	struct watch watch = {0};
	int status = instance_start(argc, argv, "meridian-bgpwatch",
				    "Tells when the anycast controller gives no sign of life, and "
				    "does what on_controller_dead says. Run by a timer.",
				    &watch.instance);
	if (status >= 0)
		return status;
	watch.mark_path = mem_printf("%s/controller-dead", watch.instance.bird_dir);
	status = look(&watch);
	if (watch.journal != NULL)
		journal_close(watch.journal, 2000);
	free(watch.mark_path);
	instance_fini(&watch.instance);
	return status;
}
