/* Any octets as a configuration: what is taken encodes to what decodes to the same, passes the
 * check or is refused by it, and nothing is leaked. */
#include "db/document.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *zone_of(const struct object *object)
{
	return object->kind == KIND_RRSET     ? object->rrset.zone
	       : object->kind == KIND_SERVICE ? object->service.zone
					      : NULL;
}

static void check_round_trip(const struct object *object)
{
	struct findings findings = {0};
	json_t *json = codec_encode(object);
	char *text = json_dumps(json, CODEC_DUMP_FLAGS);
	json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct object *again = codec_decode(object->kind, read, zone_of(object), "", &findings);
	assert(again != NULL && codec_equal(object, again));
	object_unref(again);
	json_decref(json);
	json_decref(read);
	free(text);
}

static void check_against_nothing(const struct changes *changes)
{
	struct model_change *list = calloc(changes->count + 1, sizeof *list);
	struct model *empty = model_new();
	struct findings findings = {0};
	bool blocked;
	assert(list != NULL);
	for (size_t i = 0; i < changes->count; i++)
		list[i] = (struct model_change){changes->at[i].kind, changes->at[i].id,
						changes->at[i].after};
	struct model *after = model_with(empty, 1, list, changes->count);
	check_changes(after, changes, NULL, &findings, &blocked);
	assert(!blocked);
	json_t *json = findings_json(&findings);
	assert(json_array_size(json) == findings.count);
	json_decref(json);
	findings_fini(&findings);
	model_unref(after);
	model_unref(empty);
	free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct changes changes = {0};
	struct findings findings = {0};
	bool good = document_read((const char *)data, size, false, NULL, &changes, &findings);
	assert(good == (findings.count == 0));
	for (size_t i = 0; i < changes.count; i++)
		check_round_trip(changes.at[i].after);
	if (good)
		check_against_nothing(&changes);
	json_t *json = findings_json(&findings);
	assert(json_array_size(json) == findings.count);
	json_decref(json);
	findings_fini(&findings);
	changes_fini(&changes);
	return 0;
}
