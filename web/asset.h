/* asset: the files of the dashboard, which are part of the program. */
#ifndef MERIDIAN_WEB_ASSET_H
#define MERIDIAN_WEB_ASSET_H

#include "web/response.h"

struct asset_body {
	const void *bytes; /* NULL: not there in this coding */
	size_t len;
};

struct asset {
	const char *path; /* "/js/app.js" */
	const char *type;
	const char *hash; /* of the content, for the ETag */
	struct asset_body plain, gzip, brotli;
};

/* Made at build time (embed.sh), sorted by path. */
extern const struct asset asset_table[];
extern const size_t asset_count;

/* The file of the request's path, or index.html for a path of the page; NULL where it is neither.
 */
struct response *asset_answer(const struct request *request);

#endif
