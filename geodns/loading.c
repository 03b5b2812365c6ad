/* Knows how the record sets and the service of one name come together. */
#include "geodns/loading.h"

#include "base/mem.h"
#include "geodns/counters.h"

#include <stdlib.h>
#include <string.h>

/* Names of one zone as they come from the store. */
struct load {
	struct content *content;
	const struct model *model;
	struct zone_live *zone;
	struct error *error;
	bool good;
	size_t names;
	struct strmap seen; /* names that were put */
	/* The name being gathered. */
	char *name;
	struct object **rrsets;
	size_t count, capacity;
};

static void free_live(void *what)
{
	struct service_live *live = what;
	free(live->id);
	free(live);
}

void loading_free_service(struct content_service *service)
{
	free_live(service->live);
	free(service->zone);
	free(service);
}

/* The counters of LEN pools; 0, which all late-comers share, where there are no more. */
static uint32_t take_counters(struct content *content, uint32_t len)
{
	uint32_t at = content->counters_used;
	if (len > COUNTERS_ANSWERS - at)
		return 0;
	content->counters_used += len;
	return at;
}

/* The service of CONFIG as it is to be served now. BEFORE is what it was, or NULL. */
static struct service_live *live_new(struct content *content, const struct object *config,
				     const struct steering_live *steering,
				     const struct content_service *before)
{
	struct service_live *live = mem_new(struct service_live);
	live->id = mem_strdup(config->id);
	live->ttl_s = config->service.ttl;
	live->cell = &steering->cell;
	if (before != NULL && before->steering == steering) {
		live->counters = before->live->counters;
		live->counters_len = before->live->counters_len;
		return live;
	}
	live->counters_len = (uint32_t)steering->steer->pool_count;
	live->counters = take_counters(content, live->counters_len);
	if (live->counters == 0)
		live->counters_len = 0;
	return live;
}

/* A service that is made for a name; it replaces BEFORE once the name is put. */
struct remake {
	struct content_service *before;
	struct service_live *live; /* NULL: the name has none any more */
	struct steering_live *steering;
};

static bool remake_begin(struct load *load, const char *id, struct remake *remake)
{
	struct content *content = load->content;
	const struct object *config = model_find(load->model, KIND_SERVICE, id);
	*remake = (struct remake){.before = strmap_find(&content->services, id)};
	if (config == NULL)
		return true;
	remake->steering =
		steerings_get(&content->steerings, &config->service, load->model, load->error);
	if (remake->steering == NULL)
		return false;
	remake->live = live_new(content, config, remake->steering, remake->before);
	return true;
}

/* The node names the new one now: what was before can go. */
static void remake_end(struct load *load, const char *id, struct remake *remake)
{
	struct content *content = load->content;
	struct content_service *service = remake->before;
	if (service == NULL && remake->live == NULL)
		return;
	if (service == NULL) {
		service = mem_new(struct content_service);
		service->zone = mem_strdup(load->zone->text);
		strmap_put(&content->services, id, service);
	} else {
		quiesce_retire(content->quiesce, service->live, free_live);
		steerings_put(&content->steerings, service->steering);
	}
	service->live = remake->live;
	service->steering = remake->steering;
	if (service->live != NULL)
		return;
	strmap_remove(&content->services, id);
	free(service->zone);
	free(service);
}

static void remake_undo(struct load *load, struct remake *remake)
{
	if (remake->live == NULL)
		return;
	free_live(remake->live);
	steerings_put(&load->content->steerings, remake->steering);
}

/* Puts NAME with the record sets gathered for it. */
static bool put_name(struct load *load, const char *name)
{
	char *id = mem_printf("%s/%s", load->zone->text, name);
	const struct object *const *rrsets = (const struct object *const *)load->rrsets;
	struct remake remake;
	bool good = remake_begin(load, id, &remake);
	if (good) {
		good = zone_put_name(&load->content->zones, load->zone, name, rrsets, load->count,
				     remake.live, load->error);
		if (good)
			remake_end(load, id, &remake);
		else
			remake_undo(load, &remake);
	}
	free(id);
	struct content *content = load->content;
	if (++load->names % LOADING_BREATHE == 0 && content->breathe != NULL)
		content->breathe(content->breathe_context);
	return good;
}

static void forget_rrsets(struct load *load)
{
	for (size_t i = 0; i < load->count; i++)
		object_unref(load->rrsets[i]);
	load->count = 0;
}

/* Ends the name being gathered. */
static void flush(struct load *load)
{
	if (load->name == NULL)
		return;
	load->good = put_name(load, load->name) && load->good;
	/* Only names that have a service need to be known later. */
	char *id = mem_printf("%s/%s", load->zone->text, load->name);
	if (model_find(load->model, KIND_SERVICE, id) != NULL)
		strmap_put(&load->seen, load->name, load);
	free(id);
	forget_rrsets(load);
	free(load->name);
	load->name = NULL;
}

static bool gather(void *context, const struct object *rrset)
{
	struct load *load = context;
	if (load->name == NULL || strcmp(load->name, rrset->rrset.name) != 0) {
		flush(load);
		load->name = mem_strdup(rrset->rrset.name);
	}
	if (load->count == load->capacity) {
		load->capacity = load->capacity > 0 ? 2 * load->capacity : 8;
		load->rrsets = mem_resize(load->rrsets, load->capacity, sizeof *load->rrsets);
	}
	load->rrsets[load->count++] = object_ref(rrset);
	return true;
}

static void load_fini(struct load *load)
{
	forget_rrsets(load);
	free(load->name);
	free(load->rrsets);
	strmap_fini(&load->seen);
}

/* Services of names that have no records. */
static void put_other_services(struct load *load)
{
	const struct objects *services = &load->model->of[KIND_SERVICE];
	for (size_t i = 0; i < services->count; i++) {
		const struct service *service = &services->at[i]->service;
		if (strcmp(service->zone, load->zone->text) == 0 &&
		    strmap_find(&load->seen, service->name) == NULL)
			load->good = put_name(load, service->name) && load->good;
	}
}

/* Services that the zone had and the model has no more go with their names in zone_load_end. */
static void drop_old_services(struct load *load)
{
	struct content *content = load->content;
	size_t cursor = 0;
	const char *id;
	void *value;
	struct strmap gone = {0};
	while (strmap_next(&content->services, &cursor, &id, &value)) {
		const struct content_service *service = value;
		if (strcmp(service->zone, load->zone->text) == 0 &&
		    model_find(load->model, KIND_SERVICE, id) == NULL)
			strmap_put(&gone, id, value);
	}
	cursor = 0;
	while (strmap_next(&gone, &cursor, &id, &value)) {
		struct remake remake = {.before = value};
		remake_end(load, id, &remake);
	}
	strmap_fini(&gone);
}

static bool load_zone(struct content *content, struct store *store, const struct model *model,
		      struct zone_live *zone, struct error *error)
{
	struct load load = {
		.content = content, .model = model, .zone = zone, .error = error, .good = true};
	/* Asked first: a commit in between moves the serial again. */
	int64_t revision = store_zone_revision(store, zone->text, error);
	zone_load_begin(zone);
	bool good =
		revision >= 0 && store_rrsets(store, zone->text, NULL, false, gather, &load, error);
	if (good) {
		flush(&load);
		put_other_services(&load);
		zone_load_end(&content->zones, zone);
		drop_old_services(&load);
		zone_set_serial(zone, revision);
		zone_set_failed(zone, false);
	}
	good = good && load.good;
	load_fini(&load);
	return good;
}

bool loading_zones(struct content *content, struct store *store, const struct model *model,
		   struct error *error)
{
	struct strmap again = {0};
	size_t cursor = 0;
	const char *name;
	void *value;
	while (strmap_next(&content->reload, &cursor, &name, &value)) {
		struct zone_live *zone = zones_find(&content->zones, name);
		if (zone != NULL && !load_zone(content, store, model, zone, error))
			strmap_put(&again, name, content);
	}
	strmap_fini(&content->reload);
	content->reload = again;
	return again.count == 0;
}

/* The served zone of a marked name, with the name's place in ID. */
static struct zone_live *split_id(const struct content *content, char *id, char **name)
{
	for (char *slash = strchr(id, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		struct zone_live *zone = zones_find(&content->zones, id);
		*name = slash + 1;
		if (zone != NULL)
			return zone;
		*slash = '/';
	}
	return NULL;
}

static bool load_name(struct content *content, struct store *store, const struct model *model,
		      const char *id, struct error *error)
{
	char *copy = mem_strdup(id), *name = NULL;
	struct zone_live *zone = split_id(content, copy, &name);
	bool good = true;
	if (zone != NULL && !atomic_load(&zone->failed)) {
		struct load load = {.content = content,
				    .model = model,
				    .zone = zone,
				    .error = error,
				    .good = true};
		good = store_rrsets(store, zone->text, name, false, gather, &load, error);
		good = good && put_name(&load, name);
		load_fini(&load);
	}
	free(copy);
	return good;
}

/* A bulk change reads its zones whole: one pass instead of a look-up a name. */
static bool load_bulk(struct content *content, struct store *store, const struct model *model,
		      struct error *error)
{
	size_t cursor = 0;
	const char *id;
	void *value;
	while (strmap_next(&content->dirty, &cursor, &id, &value)) {
		char *copy = mem_strdup(id), *name;
		struct zone_live *zone = split_id(content, copy, &name);
		if (zone != NULL)
			strmap_put(&content->reload, zone->text, content);
		free(copy);
	}
	strmap_fini(&content->dirty);
	return loading_zones(content, store, model, error);
}

bool loading_names(struct content *content, struct store *store, const struct model *model,
		   struct error *error)
{
	struct strmap again = {0};
	size_t cursor = 0;
	const char *id;
	void *value;
	if (content->dirty.count > LOADING_WHOLE_ABOVE)
		return load_bulk(content, store, model, error);
	while (strmap_next(&content->dirty, &cursor, &id, &value)) {
		if (!load_name(content, store, model, id, error))
			strmap_put(&again, id, content);
	}
	strmap_fini(&content->dirty);
	content->dirty = again;
	return again.count == 0;
}

void loading_remove_zone(struct content *content, struct zone_live *zone)
{
	struct load load = {.content = content, .zone = zone};
	struct model *nothing = model_new();
	load.model = nothing;
	char *text = mem_strdup(zone->text);
	strmap_remove(&content->reload, text);
	zones_remove(&content->zones, zone);
	struct zone_live name_only = {.text = text};
	load.zone = &name_only;
	drop_old_services(&load);
	model_unref(nothing);
	free(text);
}
