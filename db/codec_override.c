/* Knows overrides as JSON: what an operator decided, over what, why and until when. */
#include "base/mem.h"
#include "base/wall.h"
#include "db/codec_kinds.h"
#include "db/names.h"

#include <string.h>

static const char *const action_words[] = {"up", "down", "drain", "freeze"};

static bool is_endpoint(const char *text)
{
	char pool[64];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : sizeof pool;
	if (len >= sizeof pool)
		return false;
	memcpy(pool, text, len);
	pool[len] = '\0';
	return name_valid(pool) && name_valid(slash + 1);
}

/* In the one spelling that ids have; NULL where TEXT is none. */
static char *canonical_object(const char *text)
{
	struct prefix prefix;
	char id[PREFIX_TEXT_MAX];
	if (strncmp(text, "endpoint/", 9) == 0)
		return is_endpoint(text + 9) ? mem_strdup(text) : NULL;
	if (strncmp(text, "pool/", 5) == 0)
		return name_valid(text + 5) ? mem_strdup(text) : NULL;
	if (strcmp(text, "prefix/*") == 0)
		return mem_strdup(text);
	if (strncmp(text, "prefix/", 7) != 0 || !prefix_parse(text + 7, &prefix, NULL))
		return NULL;
	prefix_format(&prefix, id);
	return mem_printf("prefix/%s", id);
}

/* RFC 3339; FALLBACK where it is absent or wrong. */
static int64_t decode_time(struct jread *reader, const char *key, enum jread_need need,
			   int64_t fallback)
{
	int64_t ms = fallback;
	const char *text = jread_text(reader, key, need, WALL_TEXT_MAX + 8);
	if (text != NULL && !wall_parse(text, &ms))
		jread_wrong(reader, key,
			    "is not a time: \"%s\"; write it as 2026-11-20T12:00:00Z (RFC 3339)",
			    text);
	return ms;
}

void codec_decode_override(struct jread *reader, const struct codec_scope *scope,
			   struct object *object)
{
	struct override *override = &object->override;
	(void)scope;
	const char *text = jread_text(reader, "object", REQUIRED, 255);
	if (text != NULL) {
		override->object = canonical_object(text);
		object->id = mem_strdup(override->object);
		if (override->object == NULL)
			jread_wrong(reader, "object",
				    "is not an object that can be overridden: \"%.80s\"; write "
				    "endpoint/POOL/NAME, pool/NAME or prefix/ADDR/LEN",
				    text);
	}
	override->action = (enum override_action)jread_word(reader, "action", action_words, 4, 4);
	bool freeze = override->action == OVERRIDE_FREEZE;
	bool of_prefix = override->object != NULL && strncmp(override->object, "prefix/", 7) == 0;
	if (override->object != NULL &&
	    (freeze ? !of_prefix : strcmp(override->object, "prefix/*") == 0))
		jread_wrong(reader, "action",
			    freeze ? "freeze is for prefix/P and prefix/* alone"
				   : "for prefix/* can only be freeze");
	override->reason = mem_strdup(jread_text(reader, "reason", REQUIRED, 500));
	override->author = mem_strdup(jread_text(reader, "author", OPTIONAL, 255));
	override->starts_ms = decode_time(reader, "starts", OPTIONAL, 0);
	override->ends_ms = decode_time(reader, "ends", REQUIRED, INT64_MAX);
	if (override->ends_ms <= override->starts_ms)
		jread_wrong(reader, "ends", "is not after \"starts\"");
}

json_t *codec_encode_override(const struct object *object)
{
	const struct override *override = &object->override;
	char starts[WALL_TEXT_MAX], ends[WALL_TEXT_MAX];
	wall_format(override->starts_ms, starts);
	wall_format(override->ends_ms, ends);
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "object", override->object, "action",
			 action_words[override->action], "reason", override->reason, "author",
			 codec_text(override->author), "starts", starts, "ends", ends);
}
