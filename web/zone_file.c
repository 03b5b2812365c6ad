/* Knows how a zone is imported and exported as a file over HTTP. */
#include "web/zone_file.h"

#include "db/zone_import.h"
#include "web/object.h"
#include "web/object_path.h"
#include "web/write.h"

#include <stdio.h>
#include <stdlib.h>

/* The whole zone as text on the heap, and the revision it was read at. NULL with ERROR. */
static char *export_zone(struct store *store, const char *zone, int64_t *revision,
			 struct error *error)
{
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	if (file == NULL) {
		error_set_errno(error, "the zone %s cannot be written", zone);
		return NULL;
	}
	*revision = store_revision(store, error);
	bool done = *revision >= 0 && zone_export(store, zone, file, error);
	if (fclose(file) == 0 && done)
		return text;
	free(text);
	return NULL;
}

struct response *zone_file_get(struct app *app, struct call *call)
{
	char *zone = object_path_id(KIND_ZONE, call->parameter);
	if (zone == NULL)
		return object_missing(KIND_ZONE, call->parameter[0]);
	int64_t revision = 0;
	struct error error = {0};
	char *text = NULL;
	struct store *store = config_reader(app->config, &error);
	if (store != NULL) {
		text = export_zone(store, zone, &revision, &error);
		config_release(app->config, store);
	}
	free(zone);
	if (text == NULL)
		return error.text[0] != '\0' ? store_failure(&error)
					     : object_missing(KIND_ZONE, call->parameter[0]);
	struct response *response = response_text(200, "text/dns; charset=utf-8", text);
	response_etag(response, revision);
	return response;
}

static bool read_zone(const struct call *call, struct store *store, struct changes *changes,
		      struct findings *findings, struct error *error)
{
	const struct request *request = call->request;
	char *zone = object_path_id(KIND_ZONE, call->parameter);
	if (zone == NULL) {
		findings_add(findings, "", "\"%.80s\" is not the name of a zone",
			     call->parameter[0]);
		return false;
	}
	const struct zone_source source = {.zone = zone,
					   .text = request->body != NULL ? request->body : "",
					   .len = request->body_len};
	struct error why = {0};
	enum zone_import_result result = zone_import(store, &source, changes, findings, &why);
	if (result == ZONE_IMPORT_MALFORMED)
		findings_add(findings, "", "%s", why.text);
	else if (result == ZONE_IMPORT_UNREAD)
		error_set(error, "%s", why.text);
	free(zone);
	return result == ZONE_IMPORT_DONE;
}

struct response *zone_file_put(struct app *app, struct call *call)
{
	return write_whole(app, call, read_zone);
}
