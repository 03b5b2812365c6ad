/* Knows what was answered to which key. */
#include "web/idempotency.h"

#include "base/mem.h"
#include "base/strmap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	char *what;
	uint64_t body_hash;
	struct mono since;
	struct response *response; /* NULL: under way */
	struct kept *older, *newer;
};

struct idempotency {
	pthread_mutex_t mutex;
	struct strmap by_what;
	struct kept *oldest, *newest;
};

struct idempotency *idempotency_new(void)
{
	struct idempotency *idempotency = mem_new(struct idempotency);
	pthread_mutex_init(&idempotency->mutex, NULL);
	return idempotency;
}

static void drop(struct idempotency *idempotency, struct kept *kept)
{
	strmap_remove(&idempotency->by_what, kept->what);
	if (kept->older != NULL)
		kept->older->newer = kept->newer;
	else
		idempotency->oldest = kept->newer;
	if (kept->newer != NULL)
		kept->newer->older = kept->older;
	else
		idempotency->newest = kept->older;
	response_free(kept->response);
	free(kept->what);
	free(kept);
}

void idempotency_free(struct idempotency *idempotency)
{
	if (idempotency == NULL)
		return;
	while (idempotency->oldest != NULL)
		drop(idempotency, idempotency->oldest);
	strmap_fini(&idempotency->by_what);
	pthread_mutex_destroy(&idempotency->mutex);
	free(idempotency);
}

/* FNV-1a: tells a retry from a mistake; not a defence, the key is the caller's own. */
static uint64_t hash(const char *body, size_t len)
{
	uint64_t value = 14695981039346656037U;
	for (size_t i = 0; i < len; i++)
		value = (value ^ (unsigned char)body[i]) * 1099511628211U;
	return value;
}

static struct response *copy(const struct response *from)
{
	struct response *to = response_new(from->status);
	for (size_t i = 0; i < from->header_count; i++)
		response_header(to, from->headers[i].name, "%s", from->headers[i].value);
	if (from->body != NULL) {
		to->body = mem_dup(from->body, from->len);
		to->len = from->len;
	}
	return to;
}

static void make_room(struct idempotency *idempotency, struct mono now)
{
	while (idempotency->oldest != NULL &&
	       (idempotency->by_what.count >= IDEMPOTENCY_KEPT_MAX ||
		mono_ms_between(idempotency->oldest->since, now) > IDEMPOTENCY_KEPT_MS))
		drop(idempotency, idempotency->oldest);
}

static void add(struct idempotency *idempotency, const char *what, uint64_t body_hash,
		struct mono now)
{
	struct kept *kept = mem_new(struct kept);
	kept->what = mem_strdup(what);
	kept->body_hash = body_hash;
	kept->since = now;
	kept->older = idempotency->newest;
	if (idempotency->newest != NULL)
		idempotency->newest->newer = kept;
	else
		idempotency->oldest = kept;
	idempotency->newest = kept;
	strmap_put(&idempotency->by_what, what, kept);
}

enum idempotency_result idempotency_begin(struct idempotency *idempotency, const char *what,
					  const char *body, size_t len, struct mono now,
					  struct response **response)
{
	uint64_t body_hash = hash(body, len);
	enum idempotency_result result = IDEMPOTENCY_NEW;
	pthread_mutex_lock(&idempotency->mutex);
	make_room(idempotency, now);
	const struct kept *kept = strmap_find(&idempotency->by_what, what);
	if (kept == NULL) {
		add(idempotency, what, body_hash, now);
	} else if (kept->body_hash != body_hash) {
		result = IDEMPOTENCY_DIFFERS;
	} else if (kept->response == NULL) {
		result = IDEMPOTENCY_UNDER_WAY;
	} else {
		*response = copy(kept->response);
		result = IDEMPOTENCY_AGAIN;
	}
	pthread_mutex_unlock(&idempotency->mutex);
	return result;
}

void idempotency_keep(struct idempotency *idempotency, const char *what,
		      const struct response *response)
{
	if (response->len > IDEMPOTENCY_BODY_MAX || response->stream.read != NULL) {
		idempotency_forget(idempotency, what);
		return;
	}
	pthread_mutex_lock(&idempotency->mutex);
	struct kept *kept = strmap_find(&idempotency->by_what, what);
	if (kept != NULL && kept->response == NULL)
		kept->response = copy(response);
	pthread_mutex_unlock(&idempotency->mutex);
}

void idempotency_forget(struct idempotency *idempotency, const char *what)
{
	pthread_mutex_lock(&idempotency->mutex);
	struct kept *kept = strmap_find(&idempotency->by_what, what);
	if (kept != NULL)
		drop(idempotency, kept);
	pthread_mutex_unlock(&idempotency->mutex);
}
