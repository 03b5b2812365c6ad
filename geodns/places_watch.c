/* Knows when places are to be read again, and how it is told that they were not. */
#include "geodns/places_watch.h"

#include "base/log.h"
#include "db/store.h"

#include <stdlib.h>
#include <unistd.h>

void places_watch_init(struct places_watch *watch, char *path, struct journal *journal)
{
	*watch = (struct places_watch){.path = path, .fd = -1, .journal = journal};
}

void places_watch_fini(struct places_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch->path);
}

static void tell(const struct places_watch *watch, const char *from, const char *to,
		 const char *reason)
{
	const struct event event = {.kind = "database",
				    .object = "database/places",
				    .from = from,
				    .to = to,
				    .reason = reason,
				    .actor = "geodns"};
	if (watch->journal != NULL)
		journal_add(watch->journal, &event);
}

static void follow_refusal(struct places_watch *watch)
{
	bool refused = watch->refusal.why.text[0] != '\0';
	if (!refusal_follow(&watch->refusal, watch->path))
		return;
	const char *why = watch->refusal.why.text;
	if (why[0] != '\0') {
		log_warning("a geo database is refused, the places before hold: %s", why);
		tell(watch, "served", "refused", why);
	} else if (refused) {
		log_notice("no geo database is refused any more");
		tell(watch, "refused", "served", NULL);
	}
}

static struct atlas *follow_table(struct places_watch *watch, const struct atlas *current)
{
	struct error error = {""};
	bool moved = file_stamp_moved(&watch->stamp, watch->path);
	if (!moved && watch->tried)
		return NULL;
	watch->tried = true;
	struct atlas *atlas = atlas_with_table(current, watch->path, &error);
	watch->problem = error;
	if (atlas == NULL) {
		log_warning("the place table is not taken up: %s", error.text);
		if (current->table != NULL)
			tell(watch, "served", "refused", error.text);
		return NULL;
	}
	log_notice("a place table is taken up path=%s", watch->path);
	if (current->table != NULL)
		tell(watch, NULL, "served", "a new place table is taken up");
	return atlas;
}

struct atlas *places_watch_step(struct places_watch *watch, const struct atlas *current)
{
	if (watch->fd < 0)
		watch->fd = store_watch_open(watch->path);
	if (watch->fd >= 0)
		store_watch_drain(watch->fd);
	follow_refusal(watch);
	return follow_table(watch, current);
}
