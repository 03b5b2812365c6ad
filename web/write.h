/* write: one change of the configuration on behalf of a call, and what its outcome is in HTTP. */
#ifndef MERIDIAN_WEB_WRITE_H
#define MERIDIAN_WEB_WRITE_H

#include "web/app.h"

/*
 * Commits CHANGES. NULL: it is done (or there was nothing to do: CHANGES is empty then) and
 * *REVISION is the newest. Else the answer: of a dry run, or of what went wrong. EXPECT may be
 * NULL.
 */
struct response *write_changes(struct app *app, const struct call *call, struct changes *changes,
			       const struct expect *expect, int64_t *revision);

/* What a commit or rollback that was no success is in HTTP. */
struct response *write_failure(struct app *app, enum commit_result result,
			       const struct changes *changes, const struct findings *findings,
			       const struct error *error);

enum { CHANGES_SHOWN = 1000 };

/* Reads what CALL brought into CHANGES, compared with STORE. False with FINDINGS, or with ERROR
 * where there are none. */
typedef bool write_read(const struct call *call, struct store *store, struct changes *changes,
			struct findings *findings, struct error *error);

/*
 * For what replaces many objects at once (the document, a zone's file): READ and commit under the
 * writer, so that nobody of this daemon comes between. An If-Match must name the newest revision.
 */
struct response *write_whole(struct app *app, const struct call *call, write_read *read);

/* 200 {"revision", "change_count", "changes", "dry_run"}, with its ETag. */
struct response *write_answer(const struct call *call, int64_t revision,
			      const struct changes *changes);

/* NULL where CALL has no If-Match or it names NEWEST, the revision of all; else 412. */
struct response *write_check_match(const struct call *call, int64_t newest);

/* Sets JSON's "changes": [{"action", "kind", "id", "before", "after"}], the first CHANGES_SHOWN,
 * and "change_count": how many there are. */
void changes_show(json_t *json, const struct changes *changes);

/* The author of CALL; NAME holds 80 octets and must live as long. False where the comment is
 * malformed: then *ANSWER says so. */
bool write_author(const struct call *call, char name[80], struct author *author,
		  struct response **answer) __attribute__((warn_unused_result));

/* 503 or 507 with the sentence; 404 where a revision is asked for that is no longer kept. */
struct response *store_failure(const struct error *error);

#endif
