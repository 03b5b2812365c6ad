/* Knows which configuration of BIRD's was accepted, and what differs from it. */
#include "bgpctl/conf_watch.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "bgpctl/include.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void conf_watch_init(struct conf_watch *watch, const struct instance *instance)
{
	bool missing;
	*watch = (struct conf_watch){.record = mem_printf("%s/accepted", instance->bird_dir)};
	watch->accepted = include_read(watch->record, &missing, NULL);
}

void conf_watch_fini(struct conf_watch *watch)
{
	free(watch->record);
	free(watch->accepted);
	free(watch->found);
	*watch = (struct conf_watch){0};
}

/* "DIGEST PATH\n" */
static const char *path_in(const char *line, size_t *len)
{
	const char *path = line + strcspn(line, " \n");
	path += *path == ' ';
	*len = strcspn(path, "\n");
	return path;
}

char *conf_watch_begins(const struct conf_watch *watch)
{
	size_t len;
	if (watch->accepted == NULL)
		return NULL;
	const char *path = path_in(watch->accepted, &len);
	return len > 0 ? mem_printf("%.*s", (int)len, path) : NULL;
}

/* What is accepted holds even where it cannot be kept: then a restart takes what it finds. */
static void accept_found(struct conf_watch *watch)
{
	struct error error = {0};
	free(watch->accepted);
	watch->accepted = mem_strdup(watch->found);
	watch->changed = false;
	watch->files[0] = '\0';
	if (!include_write(watch->record, watch->accepted, &error))
		log_warning("%s", error.text);
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line == '\n' ? line + 1 : line;
}

static bool has_line(const char *listing, const char *line, size_t len)
{
	for (; *listing != '\0'; listing = next_line(listing))
		if (strcspn(listing, "\n") == len && memcmp(listing, line, len) == 0)
			return true;
	return false;
}

static bool has_path(const char *listing, const char *path, size_t len)
{
	for (; *listing != '\0'; listing = next_line(listing)) {
		size_t other_len;
		const char *other = path_in(listing, &other_len);
		if (other_len == len && memcmp(other, path, len) == 0)
			return true;
	}
	return false;
}

/* Adds the names of the lines in LISTING that OTHER has not, or, with GONE, whose file it has not.
 */
static void add_names(char files[CONF_WATCH_TEXT_MAX], const char *listing, const char *other,
		      bool gone)
{
	for (const char *line = listing; *line != '\0'; line = next_line(line)) {
		size_t path_len, used = strlen(files);
		const char *path = path_in(line, &path_len);
		bool differs = gone ? !has_path(other, path, path_len)
				    : !has_line(other, line, strcspn(line, "\n"));
		if (differs)
			snprintf(files + used, CONF_WATCH_TEXT_MAX - used, "%s%.*s%s",
				 used > 0 ? ", " : "", (int)path_len, path, gone ? " (gone)" : "");
	}
}

void conf_watch_compare(const char *accepted, const char *found, char files[CONF_WATCH_TEXT_MAX])
{
	files[0] = '\0';
	add_names(files, found, accepted, false);
	add_names(files, accepted, found, true);
}

bool conf_watch_take(struct conf_watch *watch, char *listing)
{
	char hex[DIGEST_TEXT_MAX];
	bool was_changed = watch->changed;
	if (listing == NULL || (watch->found != NULL && strcmp(watch->found, listing) == 0)) {
		free(listing);
		return false;
	}
	free(watch->found);
	watch->found = listing;
	digest_hex(listing, strlen(listing), hex);
	snprintf(watch->id, sizeof watch->id, "%.12s", hex);
	if (watch->accepted == NULL) {
		accept_found(watch);
		return false;
	}
	watch->changed = strcmp(watch->accepted, listing) != 0;
	conf_watch_compare(watch->accepted, listing, watch->files);
	return watch->changed || was_changed;
}

bool conf_watch_confirm(struct conf_watch *watch, const char *id)
{
	if (watch->found == NULL || strcmp(watch->id, id) != 0)
		return false;
	accept_found(watch);
	return true;
}
