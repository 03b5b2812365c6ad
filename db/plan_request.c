/* Knows which changes announcements depend on. */
#include "db/plan_request.h"

json_t *plan_request(const struct changes *changes)
{
	json_t *list = json_array();
	for (size_t i = 0; changes != NULL && i < changes->count; i++) {
		const struct change *change = &changes->at[i];
		if (change->kind != KIND_PREFIX && change->kind != KIND_SAFETY)
			continue;
		json_t *object = change->after != NULL ? codec_encode(change->after) : json_null();
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:o}", "kind", kind_name(change->kind),
						"id", change->id, "object", object));
	}
	return json_pack("{s:o}", "changes", list);
}
