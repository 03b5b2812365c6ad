/* Knows how the objects of one kind are listed, page by page. */
#include "web/object.h"

#include "base/mem.h"
#include "base/wall.h"
#include "db/rdata.h"
#include "web/csv.h"
#include "web/object_path.h"
#include "web/paging.h"
#include "web/write.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One page being filled, in the order of ids. */
struct filling {
	json_t *items;
	size_t limit, total;
	const char *cursor;
	char *last; /* id of the last item */
	bool more;
};

/* Counts OBJECT and adds it where it belongs to this page. */
static void offer(struct filling *filling, const struct object *object)
{
	filling->total++;
	if (filling->cursor != NULL && strcmp(object->id, filling->cursor) <= 0)
		return;
	if (json_array_size(filling->items) == filling->limit) {
		filling->more = true;
		return;
	}
	json_array_append_new(filling->items, object_json(object, object->revision));
	free(filling->last);
	filling->last = mem_strdup(object->id);
}

static const struct csv_column record_columns[] = {
	{"name", false}, {"type", false}, {"ttl", false}, {"data", false}, {NULL, false}};

static struct response *finish(const struct call *call, struct filling *filling, bool is_records)
{
	struct response *response;
	if (is_records && csv_wanted(call->request)) {
		response = csv_response(filling->items, record_columns);
		json_decref(filling->items);
	} else {
		json_t *json = json_pack("{s:o}", "items", filling->items);
		if (!is_records) /* they are counted only as far as they are read */
			json_object_set_new(json, "total",
					    json_integer((json_int_t)filling->total));
		response = response_json(200, json);
	}
	if (filling->more)
		page_link_next(call->request, response, filling->last);
	free(filling->last);
	return response;
}

static bool wanted(const struct call *call, const struct object *object, const char *zone,
		   const char *q)
{
	if (zone != NULL && strcmp(object->service.zone, zone) != 0)
		return false;
	if (object->kind == KIND_OVERRIDE && object->override.ends_ms <= wall_now_ms() &&
	    !request_flag(call->request, "all"))
		return false;
	return q == NULL || strcasestr(object->id, q) != NULL;
}

static struct response *list_model(struct app *app, struct call *call, struct page *page,
				   const char *zone)
{
	const char *q = request_query(call->request, "q");
	struct filling filling = {
		.items = json_array(), .limit = page->limit, .cursor = page->cursor};
	struct model *model = config_model(app->config);
	const struct objects *objects = &model->of[call->route->kind];
	for (size_t i = 0; i < objects->count; i++) {
		if (wanted(call, objects->at[i], zone, q))
			offer(&filling, objects->at[i]);
	}
	model_unref(model);
	return finish(call, &filling, false);
}

struct records {
	struct filling filling;
	const char *q, *type;
	size_t skip; /* octets of "ZONE/" in an id */
	/* where the last page ended, in the store's order: by name, then by the type's number */
	char *after_name;
	uint16_t after_type;
};

/* The cursor is the id of the last item, "ZONE/NAME/TYPE". False where it is not that. */
static bool read_cursor(struct records *records, const char *cursor)
{
	const char *type = cursor != NULL ? strrchr(cursor, '/') : NULL;
	if (cursor == NULL)
		return true;
	if (type == NULL || strlen(cursor) < records->skip || type < cursor + records->skip ||
	    !rdata_type_parse(type + 1, &records->after_type))
		return false;
	records->after_name = mem_strdup(cursor + records->skip);
	records->after_name[type - (cursor + records->skip)] = '\0';
	return true;
}

static bool is_before_page(const struct records *records, const struct rrset *rrset)
{
	if (records->after_name == NULL)
		return false;
	int order = strcmp(rrset->name, records->after_name);
	return order < 0 || (order == 0 && rrset->type <= records->after_type);
}

static bool offer_record(void *context, const struct object *rrset)
{
	struct records *records = context;
	if (is_before_page(records, &rrset->rrset))
		return true;
	if (records->type != NULL && strcasecmp(rrset->rrset.type_text, records->type) != 0)
		return true;
	if (records->q != NULL && strcasestr(rrset->id + records->skip, records->q) == NULL)
		return true;
	offer(&records->filling, rrset);
	return !records->filling.more;
}

static struct response *list_records(struct app *app, struct call *call, struct page *page,
				     const char *zone)
{
	struct records records = {
		.filling = {.items = json_array(), .limit = page->limit},
		.q = request_query(call->request, "q"),
		.type = request_query(call->request, "type"),
		.skip = strlen(zone) + 1,
	};
	struct error error = {0};
	struct store *store = NULL;
	if (!read_cursor(&records, page->cursor)) {
		json_decref(records.filling.items);
		return problem(400, "The cursor is malformed.");
	}
	store = config_reader(app->config, &error);
	bool done = store != NULL && store_rrsets(store, zone, request_query(call->request, "name"),
						  true, offer_record, &records, &error);
	if (store != NULL)
		config_release(app->config, store);
	free(records.after_name);
	if (done)
		return finish(call, &records.filling, true);
	json_decref(records.filling.items);
	free(records.filling.last);
	return store_failure(&error);
}

struct response *object_list(struct app *app, struct call *call)
{
	struct page page;
	struct response *response = NULL;
	if (!page_read(call->request, &page, &response))
		return response;
	enum kind kind = call->route->kind;
	bool below = strstr(call->route->pattern, "{zone}") != NULL;
	char *zone = below ? object_path_id(KIND_ZONE, call->parameter) : NULL;
	struct error error;
	struct object *present = zone != NULL ? object_find(app, KIND_ZONE, zone, &error) : NULL;
	if (below && present == NULL)
		response = problem(404, "There is no zone %s.", call->parameter[0]);
	else if (kind == KIND_RRSET)
		response = list_records(app, call, &page, zone);
	else
		response = list_model(app, call, &page, zone);
	object_unref(present);
	free(zone);
	return response;
}
