/* Whatever comes from BIRD's control socket: cut into replies, in pieces of any size, and read. */
#include "bgpctl/bird_view.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void view(const struct bird_reply *reply)
{
	struct bird_status status;
	struct bird_protocols protocols;
	struct bird_routes routes;
	for (size_t i = 0; i < reply->count; i++)
		assert(strlen(bird_reply_text(reply, i)) < BIRD_LINE_MAX);
	bird_view_status(reply, &status);
	bird_view_protocols(reply, &protocols);
	bird_view_routes(reply, &routes);
	for (size_t i = 0; i < protocols.count; i++)
		assert(bird_protocols_find(&protocols, protocols.at[i].name) != NULL);
	for (size_t i = 0; i < routes.count; i++)
		assert(bird_routes_find(&routes, &routes.at[i].prefix) != NULL);
	bird_protocols_fini(&protocols);
	bird_routes_fini(&routes);
}

/* The first octet says how large the pieces are in which the rest arrives. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bird_reply reply = {0};
	enum bird_feed result = BIRD_FEED_MORE;
	if (size == 0)
		return 0;
	size_t piece = (size_t)data[0] + 1;
	for (size_t at = 1; at < size && result != BIRD_FEED_MALFORMED;) {
		size_t used, left = size - at;
		result = bird_reply_feed(&reply, (const char *)data + at,
					 left < piece ? left : piece, &used);
		assert(used > 0 && used <= left);
		at += used;
		if (result != BIRD_FEED_COMPLETE)
			continue;
		assert(reply.complete && reply.count > 0);
		view(&reply);
		bird_reply_reset(&reply);
	}
	bird_reply_fini(&reply);
	return 0;
}
