/*
 * revisions: commits revisions of the configuration at a rate, each with one record that is
 * another.
 *
 *     revisions STORE ZONE COUNT RATE SECONDS
 *
 * The A records of s0 to sCOUNT-1 in ZONE take other addresses in turn, as `meridian apply` would
 * write them, but by one process. Prints how many revisions were committed.
 */
#include "base/mem.h"
#include "base/mono.h"
#include "db/document.h"
#include "db/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STEP_US = 500 };

static void fail(const char *what)
{
	fprintf(stderr, "revisions: %s\n", what);
	exit(1);
}

static void commit(struct store *store, const char *zone, unsigned number, unsigned turn)
{
	const struct author author = {.name = "bench"};
	struct changes changes = {0};
	struct findings findings = {0};
	struct error error = {""};
	int64_t revision;
	char *document =
		mem_printf("{\"meridian\": 1, \"zones\": [{\"name\": \"%s\", \"ttl\": 300, "
			   "\"primary\": \"ns1.%s.\", \"contact\": \"hostmaster.%s.\", "
			   "\"negative_ttl\": 300, \"records\": [{\"name\": \"s%u\", "
			   "\"type\": \"A\", \"ttl\": 30, \"data\": [\"198.18.%u.%u\"]}]}]}",
			   zone, zone, zone, number, turn >> 8 & 255, turn & 255);
	if (!document_read(document, strlen(document), false, store, &changes, &findings))
		fail("the document is refused");
	if (store_commit(store, &changes, &author, NULL, false, &revision, &findings, &error) !=
	    COMMIT_DONE)
		fail(error.text);
	changes_fini(&changes);
	findings_fini(&findings);
	free(document);
}

int main(int argc, char **argv)
{
	struct error error = {""};
	if (argc != 6) {
		fprintf(stderr, "usage: revisions STORE ZONE COUNT RATE SECONDS\n");
		return 2;
	}
	struct store *store = store_open(argv[1], STORE_WRITE, &error);
	if (store == NULL)
		fail(error.text);
	unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
	double rate = strtod(argv[4], NULL), seconds = strtod(argv[5], NULL), at_s = 0;
	uint64_t done = 0;
	/* Other addresses than those of a run before. */
	unsigned turn = 16 * (unsigned)time(NULL);
	struct mono begin = mono_now();
	for (; at_s < seconds; at_s = (double)mono_us_between(begin, mono_now()) / 1e6) {
		if ((double)done >= at_s * rate) {
			usleep(STEP_US);
			continue;
		}
		commit(store, argv[2], (unsigned)(done % count), turn + (unsigned)(done / count));
		done++;
	}
	printf("%llu\n", (unsigned long long)done);
	store_close(store);
	return 0;
}
