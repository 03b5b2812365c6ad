/* Knows record sets as JSON: owner, type, and data in both of their forms. */
#include "base/mem.h"
#include "db/codec_kinds.h"
#include "db/names.h"
#include "db/rdata.h"

#include <stdlib.h>
#include <string.h>

/* A set must fit a DNS message (65,535 octets) beside header, question, OPT and its owner's name;
 * each record costs 12 octets more than its data, with the owner compressed. */
enum { SET_MAX = 64800, RECORD_COST = 12, DATA_TEXT_MAX = 262144 };

/* What the operator cannot state because the responder makes it; NULL for every other type. */
static const char *made_here(const char *type)
{
	if (strcmp(type, "SOA") == 0)
		return "the SOA record is made from the zone's \"primary\", \"contact\" and "
		       "\"negative_ttl\", with the revision as its serial; set these and leave the "
		       "record out";
	static const char *const signing[] = {"RRSIG", "NSEC", "NSEC3", "NSEC3PARAM"};
	for (size_t i = 0; i < sizeof signing / sizeof *signing; i++) {
		if (strcmp(type, signing[i]) == 0)
			return "records of this type are made when a zone is signed; leave it out";
	}
	return NULL;
}

static void decode_type(struct jread *reader, struct rrset *rrset)
{
	const char *text = jread_text(reader, "type", REQUIRED, 64);
	char canonical[16];
	if (text == NULL)
		return;
	if (!rdata_type_parse(text, &rrset->type)) {
		jread_wrong(reader, "type",
			    "is not a type of record: \"%s\"; types without a name are written "
			    "TYPE65280 (RFC 3597)",
			    text);
		return;
	}
	rdata_type_format(rrset->type, canonical);
	const char *why = made_here(canonical);
	if (why != NULL)
		jread_wrong(reader, "type", "%s", why);
	rrset->type_text = mem_strdup(canonical);
}

struct slice {
	const uint8_t *at; /* at its length */
	size_t len, index;
};

static int compare_slices(const void *a, const void *b)
{
	const struct slice *left = a, *right = b;
	int order = memcmp(left->at, right->at, left->len < right->len ? left->len : right->len);
	if (order != 0 || left->len != right->len)
		return order != 0 ? order : left->len < right->len ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

/* RFC 2181 section 5: no set holds the same record twice. */
static void refuse_duplicates(const struct rrset *rrset, const struct jpath *path,
			      struct findings *findings)
{
	size_t count = 0;
	struct slice *slices = mem_array(rrset->data.count, sizeof *slices);
	for (size_t at = 0; at < rrset->rdata_len; count++) {
		size_t len = 2 + ((size_t)rrset->rdata[at] << 8 | rrset->rdata[at + 1]);
		slices[count] = (struct slice){rrset->rdata + at, len, count};
		at += len;
	}
	qsort(slices, count, sizeof *slices, compare_slices);
	for (size_t i = 1; i < count; i++) {
		struct jpath at = jpath_index(path, slices[i].index);
		if (slices[i].len == slices[i - 1].len &&
		    memcmp(slices[i].at, slices[i - 1].at, slices[i].len) == 0)
			jpath_finding(&at, findings, "says the same as data %zu; leave one out",
				      slices[i - 1].index);
	}
	free(slices);
}

/* Appends the record TEXT to SET, which holds USED octets, and returns how many it holds then; USED
 * where TEXT is wrong. */
static size_t add_record(const struct rrset *rrset, const char *text, const struct jpath *path,
			 struct findings *findings, uint8_t *set, size_t used)
{
	static _Thread_local uint8_t wire[65535];
	struct error error = {0};
	size_t len;
	if (!rdata_parse(rrset->type, text, rrset->zone, wire, &len, &error)) {
		jpath_finding(path, findings, "%s", error.text);
		return used;
	}
	if (used + 2 + len > SET_MAX) {
		jpath_finding(path, findings,
			      "makes the set too large for a DNS message (65,535 octets)");
		return used;
	}
	set[used] = (uint8_t)(len >> 8);
	set[used + 1] = (uint8_t)len;
	memcpy(set + used + 2, wire, len);
	return used + 2 + len;
}

static void decode_data(struct jread *reader, struct rrset *rrset)
{
	static _Thread_local uint8_t set[SET_MAX];
	const json_t *array = jread_array(reader, "data", REQUIRED);
	struct jpath path = jpath_key(reader->path, "data");
	size_t count = json_array_size(array), used = 0, faults = findings_total(reader->findings);
	if (array == NULL || rrset->type_text == NULL)
		return;
	if (count == 0 || count * (RECORD_COST + 1) > SET_MAX) {
		jread_wrong(reader, "data",
			    count == 0
				    ? "is empty; leave the record out instead"
				    : "holds too many records for a DNS message (65,535 octets)");
		return;
	}
	if (count > 1 &&
	    (strcmp(rrset->type_text, "CNAME") == 0 || strcmp(rrset->type_text, "DNAME") == 0))
		jread_wrong(reader, "data", "holds %zu records; a name has one %s at most", count,
			    rrset->type_text);
	rrset->data.at = mem_array(count, sizeof *rrset->data.at);
	for (size_t i = 0; i < count; i++) {
		struct jpath at = jpath_index(&path, i);
		const char *text = jread_element_text(json_array_get(array, i), &at, DATA_TEXT_MAX,
						      reader->findings);
		if (text == NULL)
			continue;
		used = add_record(rrset, text, &at, reader->findings, set, used);
		rrset->data.at[rrset->data.count++] = mem_strdup(text);
	}
	if (used + count * RECORD_COST > SET_MAX)
		jread_wrong(reader, "data", "is too large for a DNS message (65,535 octets)");
	rrset->rdata = mem_dup(set, used);
	rrset->rdata_len = used;
	if (count > 1 && findings_total(reader->findings) == faults)
		refuse_duplicates(rrset, &path, reader->findings);
}

void codec_decode_record(struct jread *reader, const struct codec_scope *scope,
			 struct object *object)
{
	struct rrset *rrset = &object->rrset;
	char canonical[DNS_NAME_TEXT_MAX] = "";
	const char *name = jread_text(reader, "name", REQUIRED, DNS_NAME_TEXT_MAX - 1);
	const char *wrong = name != NULL ? dns_owner_canonical(name, scope->zone, canonical) : NULL;
	if (wrong != NULL)
		jread_wrong(reader, "name", "\"%.80s\" %s (%s)", name, wrong, scope->zone);
	rrset->zone = mem_strdup(scope->zone);
	rrset->name = mem_strdup(canonical);
	decode_type(reader, rrset);
	rrset->ttl = jread_uint(reader, "ttl", 0, TTL_MAX, scope->ttl);
	decode_data(reader, rrset);
	object->id = mem_printf("%s/%s/%s", rrset->zone, rrset->name,
				rrset->type_text != NULL ? rrset->type_text : "");
}

/* The presentation forms, made from the wire forms where the object came without them. */
static json_t *encode_data(const struct rrset *rrset)
{
	if (rrset->data.count > 0 || rrset->rdata_len == 0)
		return codec_texts(&rrset->data);
	json_t *list = json_array();
	for (size_t at = 0; at + 2 <= rrset->rdata_len;) {
		size_t len = (size_t)rrset->rdata[at] << 8 | rrset->rdata[at + 1];
		at += 2;
		if (len > rrset->rdata_len - at)
			break;
		char *text = rdata_format(rrset->type, rrset->rdata + at, len);
		json_array_append_new(list, codec_text(text));
		free(text);
		at += len;
	}
	return list;
}

json_t *codec_encode_record(const struct object *object)
{
	const struct rrset *rrset = &object->rrset;
	return json_pack("{s:s, s:s, s:I, s:o}", "name", rrset->name, "type", rrset->type_text,
			 "ttl", (json_int_t)rrset->ttl, "data", encode_data(rrset));
}
