/* merge_patch: JSON Merge Patch (RFC 7396), pure. */
#ifndef MERIDIAN_WEB_MERGE_PATCH_H
#define MERIDIAN_WEB_MERGE_PATCH_H

#include <jansson.h>

/* TARGET with PATCH applied, as a new reference; neither is changed. TARGET may be NULL. */
json_t *merge_patch(const json_t *target, const json_t *patch);

#endif
