/* Knows how the records of a name are laid out in its block. */
#include "geodns/node.h"

#include "base/mem.h"
#include "geodns/wire/name.h"

#include <endian.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_NS = 2, TYPE_CNAME = 5, TYPE_DNAME = 39, CLASS_IN = 1, RECORD_FIXED = 12 };

unsigned node_count_labels(const uint8_t *name)
{
	unsigned labels = 0;
	for (; *name != 0; name += *name + 1)
		labels++;
	return labels;
}

/* True where RDATA is one uncompressed name and nothing else. */
static bool is_one_name(const uint8_t *rdata, size_t len)
{
	size_t at = 0;
	while (at < len && rdata[at] != 0 && rdata[at] < 64)
		at += rdata[at] + 1u;
	return at + 1 == len && len <= NODE_NAME_MAX && rdata[at] == 0;
}

/*
 * What chasing a CNAME, a DNAME or a delegation reads must be a name, whatever the store holds: the
 * answer path follows it unchecked. *COUNT is the number of records.
 */
static bool check_rdata(const struct rrset *rrset, uint16_t *count, struct error *error)
{
	bool is_name =
		rrset->type == TYPE_NS || rrset->type == TYPE_CNAME || rrset->type == TYPE_DNAME;
	size_t at = 0;
	unsigned records = 0;
	while (rrset->rdata_len - at >= 2) {
		size_t len = (size_t)(rrset->rdata[at] << 8 | rrset->rdata[at + 1]);
		at += 2;
		if (len > rrset->rdata_len - at)
			break;
		if (is_name && !is_one_name(rrset->rdata + at, len))
			break;
		at += len;
		records++;
	}
	if (at != rrset->rdata_len || records == 0 || records > UINT16_MAX) {
		error_set(error,
			  "the record set %s/%s/%s of the store is not well-formed: write it again",
			  rrset->zone, rrset->name, rrset->type_text);
		return false;
	}
	*count = (uint16_t)records;
	return true;
}

static uint8_t *put_record(uint8_t *out, const struct rrset *rrset, const uint8_t *rdata,
			   uint16_t len)
{
	const uint16_t head[] = {htobe16(0xc00c), htobe16(rrset->type), htobe16(CLASS_IN)};
	uint32_t ttl = htobe32(rrset->ttl);
	uint16_t len_be = htobe16(len);
	memcpy(out, head, sizeof head);
	memcpy(out + 6, &ttl, sizeof ttl);
	memcpy(out + 10, &len_be, sizeof len_be);
	memcpy(out + RECORD_FIXED, rdata, len);
	return out + RECORD_FIXED + len;
}

static uint8_t *put_rrset(uint8_t *out, const struct rrset *rrset)
{
	for (size_t at = 0; at < rrset->rdata_len;) {
		uint16_t len = (uint16_t)(rrset->rdata[at] << 8 | rrset->rdata[at + 1]);
		out = put_record(out, rrset, rrset->rdata + at + 2, len);
		at += 2u + len;
	}
	return out;
}

static size_t records_size(const struct rrset *rrset, uint16_t count)
{
	return rrset->rdata_len + (size_t)count * (RECORD_FIXED - 2);
}

static struct node *node_with_room(size_t name_len, const struct object *const *rrsets,
				   size_t count, struct error *error)
{
	size_t size = sizeof(struct node) + count * sizeof(struct node_rrset) + name_len;
	size_t records_at = size;
	for (size_t i = 0; i < count; i++) {
		uint16_t records;
		if (!check_rdata(&rrsets[i]->rrset, &records, error))
			return NULL;
		size += records_size(&rrsets[i]->rrset, records);
	}
	if (count > UINT16_MAX || size > UINT32_MAX) {
		error_set(error, "a name of the store has more records than one name can hold");
		return NULL;
	}
	struct node *node = mem_array(1, size);
	node->records_at = (uint32_t)records_at;
	node->rrset_count = (uint16_t)count;
	return node;
}

struct node *node_new(struct zone_live *zone, const uint8_t *name, size_t len,
		      const struct object *const *rrsets, size_t count,
		      const struct service_live *service, struct error *error)
{
	struct node *node = node_with_room(len, rrsets, count, error);
	if (node == NULL)
		return NULL;
	node->hash = name_hash(name, len);
	node->zone = zone;
	node->service = service;
	atomic_init(&node->behind, NULL);
	node->name_len = (uint8_t)len;
	node->labels = (uint8_t)node_count_labels(name);
	memcpy(node->rrsets + count, name, len);
	uint8_t *records = (uint8_t *)node + node->records_at, *out = records;
	for (size_t i = 0; i < count; i++) {
		uint8_t *end = put_rrset(out, &rrsets[i]->rrset);
		uint16_t records_of = 0;
		(void)check_rdata(&rrsets[i]->rrset, &records_of, NULL);
		node->rrsets[i] = (struct node_rrset){.type = rrsets[i]->rrset.type,
						      .count = records_of,
						      .at = (uint32_t)(out - records),
						      .len = (uint32_t)(end - out)};
		out = end;
	}
	return node;
}

void node_free(void *node)
{
	free(node);
}
