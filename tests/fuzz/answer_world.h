/*
 * answer_world: what the fuzzer of answers is served from: every kind of name, pool and steering in
 * one document, and answer_large.h's zones, taken up as the responder does it. No place table: geo
 * overrides give places.
 */
#ifndef MERIDIAN_FUZZ_ANSWER_WORLD_H
#define MERIDIAN_FUZZ_ANSWER_WORLD_H

#include "base/mem.h"
#include "base/wall.h"
#include "db/document.h"
#include "geodns/content.h"
#include "tests/fuzz/answer_large.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char world_start[] =
	"{\"meridian\": 1,"
	"\"regions\": [{\"name\": \"r\", \"places\": [\"EU-DE\"], \"cidrs\": [\"9.8.0.0/16\"], "
	"\"asns\": [7]}],"
	"\"geo\": [{\"cidr\": \"9.1.0.0/16\", \"place\": \"EU-DE\", \"lat\": 52.5, \"lon\": 13.4, "
	"\"asn\": 7},"
	"{\"cidr\": \"9.2.0.0/16\", \"place\": \"NA-US\", \"lat\": 39, \"lon\": -77, \"asn\": 8},"
	"{\"cidr\": \"2001:db8::/33\", \"place\": \"EU-DE\", \"lat\": 50, \"lon\": 8}],"
	"\"pools\": [";

static const char world_rest[] =
	"{\"name\": \"all\", \"lat\": 50, \"lon\": 8, \"endpoints\": ["
	"{\"name\": \"a\", \"address\": \"192.0.2.1\"}, {\"name\": \"b\", \"address\": "
	"\"192.0.2.2\"}, "
	"{\"name\": \"c\", \"address\": \"2001:db8::1\"}]},"
	"{\"name\": \"two\", \"lat\": 40, \"lon\": -74, \"answers\": \"weighted\", "
	"\"max_answers\": 1, "
	"\"endpoints\": ["
	"{\"name\": \"a\", \"address\": \"192.0.2.3\", \"weight\": 9}, {\"name\": \"b\", "
	"\"address\": "
	"\"192.0.2.4\"}]},"
	"{\"name\": \"hash\", \"lat\": 1, \"lon\": 103, \"answers\": \"hash\", \"max_answers\": 1, "
	"\"endpoints\": ["
	"{\"name\": \"a\", \"address\": \"192.0.2.5\"}, {\"name\": \"b\", \"address\": "
	"\"192.0.2.6\"}, "
	"{\"name\": \"c\", \"address\": \"2001:db8::5\"}, {\"name\": \"d\", \"address\": "
	"\"2001:db8::6\"}]},"
	"{\"name\": \"one\", \"lat\": 39, \"lon\": -77, \"endpoints\": [{\"name\": \"a\", "
	"\"address\": "
	"\"192.0.2.7\"}]},"
	"{\"name\": \"out\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"h\", \"address\": "
	"\"edge.example.net\"}]},"
	"{\"name\": \"in\", \"kind\": \"cname\", \"endpoints\": [{\"name\": \"h\", \"address\": "
	"\"www.f.test\"}]}],"
	"\"zones\": [";

static const char world_zones[] =
	"{\"name\": \"f.test\", \"ttl\": 300, \"primary\": \"ns.f.test.\", "
	"\"contact\": "
	"\"h.f.test.\", \"negative_ttl\": 60, \"records\": ["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns\", \"ns.sub\", \"ns.example.org.\"]},"
	"{\"name\": \"ns\", \"type\": \"A\", \"data\": [\"192.0.2.53\"]},"
	"{\"name\": \"www\", \"type\": \"TXT\", \"data\": [\"w\"]},"
	"{\"name\": \"www\", \"type\": \"HTTPS\", \"data\": [\"1 . alpn=h2\"]},"
	"{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"www\"]},"
	"{\"name\": \"loop\", \"type\": \"CNAME\", \"data\": [\"loop\"]},"
	"{\"name\": \"away\", \"type\": \"CNAME\", \"data\": [\"a.dname.g.test.\"]},"
	"{\"name\": \"*.wild\", \"type\": \"CNAME\", \"data\": [\"www\"]},"
	"{\"name\": \"*.w\", \"type\": \"MX\", \"data\": [\"1 ns\", \"2 www\", \"3 *.w\"]},"
	"{\"name\": \"x.*.w\", \"type\": \"A\", \"data\": [\"192.0.2.9\"]},"
	"{\"name\": \"dname\", \"type\": \"DNAME\", \"data\": [\"f.test.\"]},"
	"{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"ns.sub\", \"ns\"]},"
	"{\"name\": \"sub2\", \"type\": \"NS\", \"data\": [\"x.glue\"]},"
	"{\"name\": \"*.glue\", \"type\": \"A\", \"data\": [\"192.0.2.8\"]},"
	"{\"name\": \"d\", \"type\": \"DNAME\", \"data\": "
	"[\"a-longer-name-than-its-owner.f.test.\"]},"
	"{\"name\": \"sub\", \"type\": \"DS\", \"data\": [\"1 8 1 "
	"0000000000000000000000000000000000000000\"]},"
	"{\"name\": \"ns.sub\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]},"
	"{\"name\": \"a.b.c\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]},"
	"{\"name\": \"big\", \"type\": \"TXT\", \"data\": "
	"[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaa\","
	"\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	"bbbbbbbb"
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	"bbbbbb\","
	"\"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
	"cccccccc"
	"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
	"cccccc\"]}],"
	"\"services\": ["
	"{\"name\": \"www\", \"steering\": \"rules\", \"default\": \"two\", \"rules\": ["
	"{\"match\": [\"EU\", \"region:r\"], \"pool\": \"all\"}, {\"match\": [\"9.9.0.0/17\", "
	"\"AS8\"], "
	"\"pool\": \"hash\", \"strict\": true}]},"
	"{\"name\": \"near\", \"steering\": \"nearest\", \"pools\": [\"all\", \"two\", \"hash\"]},"
	"{\"name\": \"fail\", \"steering\": \"failover\", \"pools\": [\"all\", \"two\"]},"
	"{\"name\": \"share\", \"steering\": \"weighted\", \"pools\": [{\"pool\": \"all\", "
	"\"weight\": 9}, "
	"{\"pool\": \"out\", \"weight\": 1}]},"
	"{\"name\": \"spread\", \"steering\": \"hash\", \"pools\": [\"all\", \"two\", \"hash\"]},"
	"{\"name\": \"cdn\", \"steering\": \"failover\", \"pools\": [\"out\"]},"
	"{\"name\": \"inner\", \"steering\": \"failover\", \"pools\": [\"in\"]},"
	"{\"name\": \"*.svc\", \"steering\": \"nearest\", \"pools\": [\"all\", \"two\"]}]},"
	"{\"name\": \"g.test\", \"ecs\": false, \"primary\": \"ns.f.test.\", \"contact\": "
	"\"h.f.test.\", "
	"\"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.f.test.\"]},"
	"{\"name\": \"@\", \"type\": \"DNAME\", \"data\": [\"f.test.\"]}],"
	"\"services\": [{\"name\": \"@\", \"steering\": \"hash\", \"pools\": [\"all\", "
	"\"hash\"]}]},"
	/* Nothing lies above a name here, so the short way is taken. */
	"{\"name\": \"p.test\", \"primary\": \"ns.f.test.\", \"contact\": \"h.f.test.\", "
	"\"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.f.test.\"]},"
	"{\"name\": \"a\", \"type\": \"A\", \"data\": [\"192.0.2.1\", \"192.0.2.2\"]},"
	"{\"name\": \"a\", \"type\": \"TXT\", \"data\": [\"t\"]},"
	"{\"name\": \"*.w\", \"type\": \"A\", \"data\": [\"192.0.2.3\"]},"
	"{\"name\": \"m\", \"type\": \"MX\", \"data\": [\"1 a\"]},"
	"{\"name\": \"al\", \"type\": \"CNAME\", \"data\": [\"www\"]}],"
	"\"services\": ["
	"{\"name\": \"www\", \"steering\": \"rules\", \"default\": \"two\", \"rules\": ["
	"{\"match\": [\"EU\", \"9.8.0.0/16\"], \"pool\": \"all\"}]},"
	"{\"name\": \"near\", \"steering\": \"nearest\", \"pools\": [\"all\", \"one\"]},"
	"{\"name\": \"fail\", \"steering\": \"failover\", \"pools\": [\"all\", \"two\"]},"
	"{\"name\": \"one\", \"steering\": \"failover\", \"pools\": [\"one\"]},"
	"{\"name\": \"share\", \"steering\": \"weighted\", \"pools\": [\"all\", \"one\"]},"
	"{\"name\": \"spread\", \"steering\": \"hash\", \"pools\": [\"all\", \"hash\"]},"
	"{\"name\": \"cdn\", \"steering\": \"failover\", \"pools\": [\"in\"]}]},"
	"{\"name\": \"c.f.test\", \"primary\": \"ns.f.test.\", \"contact\": \"h.f.test.\", "
	"\"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.f.test.\"]}]},"
	"{\"name\": \"failed.test\", \"primary\": \"ns.f.test.\", \"contact\": \"h.f.test.\", "
	"\"records\": [{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.f.test.\"]}]}]}";

/* The whole document. */
static inline char *world_document(size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	if (out == NULL)
		abort();
	fputs(world_start, out);
	large_pools(out);
	fputs(world_rest, out);
	large_zones(out);
	fputs(world_zones, out);
	if (fclose(out) != 0)
		abort();
	return text;
}

static inline struct store *world_store(const char *path)
{
	struct changes changes = {0};
	struct findings findings = {0};
	struct error error;
	const struct author author = {.name = "fuzz"};
	int64_t revision;
	size_t len;
	char *document = world_document(&len);
	struct store *writer = store_open(path, STORE_WRITE, &error);
	if (writer == NULL || !document_read(document, len, false, writer, &changes, &findings) ||
	    store_commit(writer, &changes, &author, NULL, false, &revision, &findings, &error) !=
		    COMMIT_DONE) {
		if (findings.count > 0)
			fprintf(stderr, "%s: %s\n", findings.at[0].pointer, findings.at[0].message);
		abort();
	}
	free(document);
	findings_fini(&findings);
	changes_fini(&changes);
	return writer;
}

/* Maps over geo overrides are made by a thread of their own; without them no place is known. */
static inline void world_take_maps(struct content *content)
{
	for (unsigned quiet = 0; quiet < 20; quiet++) {
		usleep(5000);
		steerings_take_maps(&content->steerings);
	}
}

/* Fills CONTENT, for good, from a store that is removed again. */
static inline void world_open(struct content *content)
{
	static struct model *model; /* stays with what was made from it */
	char dir[] = "/tmp/fuzz-answer-XXXXXX";
	struct error error;
	if (mkdtemp(dir) == NULL)
		abort();
	char *path = mem_printf("%s/config.db", dir), *remove = mem_printf("rm -rf %s", dir);
	struct store *store = world_store(path);
	model = store_load(store, &error);
	struct mapmaker *mapmaker = mapmaker_new(&error);
	if (model == NULL || mapmaker == NULL)
		abort();
	struct atlas *atlas = atlas_with_overrides(NULL, model);
	content_init(content, quiesce_new(0), mapmaker, atlas);
	atlas_unref(atlas);
	struct pools_view view = {.model = model, .now = mono_now(), .now_ms = wall_now_ms()};
	if (!content_load(content, store, &view, &error))
		abort();
	world_take_maps(content);
	mapmaker_free(mapmaker);
	zone_set_failed(zones_find(&content->zones, "failed.test"), true);
	store_close(store);
	if (system(remove) != 0)
		abort();
	free(path);
	free(remove);
}

#endif
