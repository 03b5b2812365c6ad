/* Knows which paths are the page's, and which coding of a file a browser takes. */
#include "web/asset.h"

#include "web/coding.h"

#include <stdlib.h>
#include <string.h>

/* First segments under which the page routes by itself. */
static const char *const page_paths[] = {
	"",	  "zones",   "services",  "pools",    "monitors", "anycast", "explain",	 "events",
	"health", "regions", "revisions", "settings", "login",	  "start",   "overrides"};

static bool is_page(const char *path)
{
	size_t len = strcspn(path + 1, "/");
	for (size_t i = 0; i < sizeof page_paths / sizeof page_paths[0]; i++) {
		if (strlen(page_paths[i]) == len && memcmp(path + 1, page_paths[i], len) == 0)
			return len > 0 || path[1] == '\0';
	}
	return false;
}

static int compare(const void *path, const void *asset)
{
	return strcmp(path, ((const struct asset *)asset)->path);
}

static const struct asset *find(const char *path)
{
	return bsearch(path, asset_table, asset_count, sizeof asset_table[0], compare);
}

static const struct asset_body *choose(const struct request *request, const struct asset *asset,
				       const char **coding)
{
	const char *accept = request_header(request, "Accept-Encoding");
	if (asset->brotli.bytes != NULL && accepts_coding(accept, "br") > 0) {
		*coding = "br";
		return &asset->brotli;
	}
	if (asset->gzip.bytes != NULL && accepts_coding(accept, "gzip") > 0) {
		*coding = "gzip";
		return &asset->gzip;
	}
	*coding = NULL;
	return &asset->plain;
}

struct response *asset_answer(const struct request *request)
{
	const struct asset *asset = find(request->path);
	if (asset == NULL && is_page(request->path))
		asset = find("/index.html");
	if (asset == NULL)
		return NULL;
	const char *coding;
	const struct asset_body *body = choose(request, asset, &coding);
	char tag[80];
	snprintf(tag, sizeof tag, "\"%.40s%s%s\"", asset->hash, coding != NULL ? "-" : "",
		 coding != NULL ? coding : "");
	const char *none_match = request_header(request, "If-None-Match");
	bool known = none_match != NULL && strstr(none_match, tag) != NULL;
	struct response *response = response_new(known ? 304 : 200);
	if (!known) {
		response->borrowed = body->bytes;
		response->len = body->len;
		response_header(response, "Content-Type", "%s", asset->type);
		if (coding != NULL)
			response_header(response, "Content-Encoding", "%s", coding);
	}
	response_header(response, "ETag", "%s", tag);
	response_header(response, "Vary", "Accept-Encoding");
	response_header(response, "Cache-Control", "no-cache");
	return response;
}
