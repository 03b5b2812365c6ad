/* Knows RFC 7396 section 2. */
#include "web/merge_patch.h"

#include <stdint.h>

/* RFC 7396 section 2: a patch that is no object replaces; in an object null removes, all else is
 * merged in turn. Depth is bounded by the JSON parser's. */
json_t *merge_patch(const json_t *target, const json_t *patch)
{
	if (!json_is_object(patch))
		return json_deep_copy(patch);
	json_t *result =
		json_is_object(target) ? json_copy((json_t *)(uintptr_t)target) : json_object();
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)patch, key, value)
	{
		if (json_is_null(value))
			json_object_del(result, key);
		else
			json_object_set_new(result, key,
					    merge_patch(json_object_get(result, key), value));
	}
	return result;
}
