/* readers_fixture: a store with one who writes and one who follows him. */
#ifndef MERIDIAN_TESTS_READERS_FIXTURE_H
#define MERIDIAN_TESTS_READERS_FIXTURE_H

#include "store_fixture.h"

static struct store *writer, *reader;

static inline int start(void **state)
{
	if (make_folder(state) != 0)
		return -1;
	writer = store_open(path, STORE_WRITE, NULL);
	reader = store_open(path, STORE_READ, NULL);
	return writer == NULL || reader == NULL ? -1 : 0;
}

static inline int stop(void **state)
{
	store_close(reader);
	store_close(writer);
	return remove_folder(state);
}

struct step {
	struct moved *moved;
	size_t count;
};

/* Takes OLD, returns what holds now. */
static inline struct model *refresh(struct model *old, struct step *step)
{
	struct error error = {0};
	struct model *model = store_refresh(reader, old, &step->moved, &step->count, &error);
	if (model == NULL)
		fail_msg("%s", error.text);
	model_unref(old);
	return model;
}

static inline bool moved_holds(const struct step *step, enum kind kind, const char *id)
{
	size_t found = 0;
	for (size_t i = 0; i < step->count; i++)
		found += step->moved[i].kind == kind && strcmp(step->moved[i].id, id) == 0;
	assert_true(found <= 1);
	return found == 1;
}

#endif
