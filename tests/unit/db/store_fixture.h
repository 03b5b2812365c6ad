/* store_fixture: a store in a folder of its own, and objects from JSON with single quotes. */
#ifndef MERIDIAN_TESTS_STORE_FIXTURE_H
#define MERIDIAN_TESTS_STORE_FIXTURE_H

#include "base/mem.h"
#include "db/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];

static inline int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/meridian-store-XXXXXX");
	if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/config.db", folder);
	return 0;
}

static inline int remove_folder(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static inline struct store *open_store(enum store_mode mode)
{
	struct error error = {0};
	struct store *store = store_open(path, mode, &error);
	if (store == NULL)
		fail_msg("%s", error.text);
	return store;
}

/* KIND is the name; TEXT may have ' for ". */
static inline struct object *object_from(const char *kind_text, const char *zone, const char *text)
{
	enum kind kind;
	struct findings findings = {0};
	assert_true(kind_parse(kind_text, &kind));
	char *json_text = mem_strdup(text);
	for (char *c = json_text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	json_t *json = json_loads(json_text, 0, NULL);
	assert_non_null(json);
	struct object *object = codec_decode(kind, json, zone, "", &findings);
	if (object == NULL)
		fail_msg("%s: %s %s", text, findings.at[0].pointer, findings.at[0].message);
	json_decref(json);
	free(json_text);
	findings_fini(&findings);
	return object;
}

static inline void put(struct changes *changes, const char *kind, const char *zone,
		       const char *text)
{
	changes_put(changes, object_from(kind, zone, text), NULL);
}

/* With the NS record that a zone must have: two changes. */
static inline void put_zone(struct changes *changes, const char *name)
{
	char text[200];
	snprintf(text, sizeof text,
		 "{'name':'%s','primary':'ns1.%s.','contact':'hostmaster.%s.','ttl':300,"
		 "'negative_ttl':300}",
		 name, name, name);
	put(changes, "zone", NULL, text);
	put(changes, "rrset", name, "{'name':'@','type':'NS','data':['ns.example.net.']}");
}

static inline void put_address(struct changes *changes, const char *zone, const char *name,
			       const char *address)
{
	char text[200];
	snprintf(text, sizeof text, "{'name':'%s','type':'A','ttl':300,'data':['%s']}", name,
		 address);
	put(changes, "rrset", zone, text);
}

static inline void put_site(struct changes *changes, const char *name, int lat)
{
	char text[100];
	snprintf(text, sizeof text, "{'name':'%s','lat':%d,'lon':8}", name, lat);
	put(changes, "site", NULL, text);
}

/* Commits CHANGES and empties them. */
static inline enum commit_result try_commit(struct store *store, struct changes *changes,
					    int64_t *revision, struct error *error)
{
	struct author author = {.name = "test", .comment = "because"};
	struct findings findings = {0};
	enum commit_result result =
		store_commit(store, changes, &author, NULL, false, revision, &findings, error);
	if (findings.count > 0)
		error_set(error, "%s %s", findings.at[0].pointer, findings.at[0].message);
	findings_fini(&findings);
	changes_fini(changes);
	*changes = (struct changes){0};
	return result;
}

static inline int64_t commit(struct store *store, struct changes *changes)
{
	int64_t revision = -1;
	struct error error = {0};
	enum commit_result result = try_commit(store, changes, &revision, &error);
	if (result != COMMIT_DONE)
		fail_msg("result %d: %s", (int)result, error.text);
	return revision;
}

/* Revision 1 of some tests: two zones and their records. */
static inline void put_some_records(struct store *store)
{
	struct changes changes = {0};
	put_zone(&changes, "example.com");
	put_zone(&changes, "2.0.192.in-addr.arpa");
	put_address(&changes, "example.com", "www", "192.0.2.1");
	put(&changes, "rrset", "example.com",
	    "{'name':'www','type':'AAAA','data':['2001:db8::1','2001:db8::2']}");
	put_address(&changes, "example.com", "@", "192.0.2.2");
	put(&changes, "rrset", "2.0.192.in-addr.arpa",
	    "{'name':'0/25','type':'NS','data':['ns.example.com.']}");
	commit(store, &changes);
}

static inline int64_t commit_site(struct store *store, const char *name, int lat)
{
	struct changes changes = {0};
	put_site(&changes, name, lat);
	return commit(store, &changes);
}

static inline struct model *load(struct store *store)
{
	struct error error = {0};
	struct model *model = store_load(store, &error);
	if (model == NULL)
		fail_msg("%s", error.text);
	return model;
}

#endif
