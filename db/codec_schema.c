/* Knows which sample of each kind shows all of its keys to the code that reads it. */
#include "db/codec_schema.h"

#include <assert.h>
#include <string.h>

/* A sample need not be right: what is wrong is a finding, and each key is asked for all the same.
 */
struct sample {
	enum kind kind;
	const char *tells; /* the key whose value tells the forms of a kind apart, or NULL */
	const char *text;
};

static const struct sample samples[] = {
	{KIND_SITE, NULL, "{}"},
	{KIND_REGION, NULL, "{\"places\": [\"EU\"], \"cidrs\": [\"192.0.2.0/24\"]}"},
	{KIND_GEO, NULL, "{}"},
	{KIND_MONITOR, "type", "{\"type\": \"https\"}"},
	{KIND_MONITOR, "type", "{\"type\": \"http\"}"},
	{KIND_MONITOR, "type", "{\"type\": \"tcp\"}"},
	{KIND_MONITOR, "type", "{\"type\": \"tls\"}"},
	{KIND_MONITOR, "type", "{\"type\": \"dns\"}"},
	{KIND_MONITOR, "type", "{\"type\": \"icmp\"}"},
	{KIND_POOL, NULL, "{\"endpoints\": [{}]}"},
	{KIND_ZONE, NULL, "{}"},
	{KIND_SERVICE, "steering", "{\"steering\": \"rules\", \"rules\": [{\"match\": [\"EU\"]}]}"},
	{KIND_SERVICE, "steering", "{\"steering\": \"nearest\", \"pools\": [{}]}"},
	{KIND_SERVICE, "steering", "{\"steering\": \"failover\", \"pools\": [\"eu\"]}"},
	{KIND_SERVICE, "steering", "{\"steering\": \"weighted\", \"pools\": [{}]}"},
	{KIND_SERVICE, "steering", "{\"steering\": \"hash\", \"pools\": [{}]}"},
	{KIND_PREFIX, NULL, "{\"needs\": {}}"},
	{KIND_SAFETY, NULL, "{}"},
	{KIND_ALERT, "type", "{\"type\": \"webhook\"}"},
	{KIND_ALERT, "type", "{\"type\": \"email\"}"},
	{KIND_OVERRIDE, NULL, "{}"},
	{KIND_RRSET, NULL, "{\"name\": \"@\", \"type\": \"A\", \"data\": [\"192.0.2.1\"]}"},
};

static json_t *shape_of(const struct sample *sample)
{
	json_t *json = json_loads(sample->text, 0, NULL);
	assert(json != NULL);
	const bool in_zone = sample->kind == KIND_RRSET || sample->kind == KIND_SERVICE;
	struct findings findings = {.shape = json_object()};
	object_unref(
		codec_decode(sample->kind, json, in_zone ? "example.com" : NULL, "", &findings));
	json_t *shape = findings.shape;
	findings.shape = NULL;
	findings_fini(&findings);
	if (sample->tells != NULL)
		json_object_set_new(
			json_object_get(shape, "properties"), sample->tells,
			json_pack("{s:O}", "const", json_object_get(json, sample->tells)));
	json_decref(json);
	return shape;
}

json_t *codec_schema(enum kind kind)
{
	json_t *forms = json_array();
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		if (samples[i].kind == kind)
			json_array_append_new(forms, shape_of(&samples[i]));
	}
	if (json_array_size(forms) > 1)
		return json_pack("{s:o}", "oneOf", forms);
	json_t *only = json_incref(json_array_get(forms, 0));
	json_decref(forms);
	return only;
}
