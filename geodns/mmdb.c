/* Knows the MaxMind DB format as libmaxminddb reads it, and what is wrong with a file that only
 * looks like one. */
#include "geodns/mmdb.h"

#include "base/mem.h"

#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a data record says, remembered by its offset: many networks share one. */
struct memo_slot {
	uint32_t offset_plus_one; /* 0: free */
	uint32_t value;
};

struct walk {
	MMDB_s *db;
	enum place_source_kind kind;
	struct place_set *places;
	struct mmdb_content *content;
	struct error *error;
	struct memo_slot *memo;
	size_t memo_capacity;
	uint32_t records, shaped; /* distinct data records; those of KIND's shape */
	uint64_t visits_left;	  /* nodes; a tree that needs more is entangled */
	uint32_t ipv4_node;	  /* the node of ::/96, UINT32_MAX until it is met */
};

/* A path into a record; NULL ends it. Databases of several makers are understood. */
struct path {
	const char *at[4];
};

static bool find_value(MMDB_entry_s *entry, const struct path *path, MMDB_entry_data_s *data)
{
	return MMDB_aget_value(entry, data, path->at) == MMDB_SUCCESS && data->has_data;
}

/* The first of PATHS that holds a text of 1 to 7 octets; false where none does. */
static bool find_text(MMDB_entry_s *entry, const struct path *paths, size_t count, char text[8])
{
	for (size_t i = 0; i < count; i++) {
		MMDB_entry_data_s data;
		if (find_value(entry, &paths[i], &data) &&
		    data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size > 0 &&
		    data.data_size < 8) {
			memcpy(text, data.utf8_string, data.data_size);
			text[data.data_size] = '\0';
			return true;
		}
	}
	return false;
}

static bool find_degrees(MMDB_entry_s *entry, const char *key, double *degrees)
{
	const struct path path = {{"location", key}};
	MMDB_entry_data_s data;
	if (!find_value(entry, &path, &data))
		return false;
	if (data.type == MMDB_DATA_TYPE_DOUBLE)
		*degrees = data.double_value;
	else if (data.type == MMDB_DATA_TYPE_FLOAT)
		*degrees = (double)data.float_value;
	else
		return false;
	return true;
}

/* Returns whether the record has the shape of a country or city. */
static bool read_place(MMDB_entry_s *entry, struct place *place)
{
	static const struct path countries[] = {{{"country", "iso_code"}},
						{{"registered_country", "iso_code"}},
						{{"country_code"}},
						{{"country"}}};
	static const struct path continents[] = {
		{{"continent", "code"}}, {{"continent_code"}}, {{"continent"}}};
	static const struct path subdivisions[] = {{{"subdivisions", "0", "iso_code"}}};
	char text[8];
	double lat, lon;
	bool shaped = false;
	memset(place, 0, sizeof *place);
	if (find_text(entry, continents, 3, text)) {
		place_set_continent(place, text);
		shaped = true;
	}
	if (find_text(entry, countries, 4, text)) {
		place_set_country(place, text);
		shaped = true;
	}
	if (place->country[0] != '\0' && find_text(entry, subdivisions, 1, text))
		place_set_subdivision(place, text);
	/* 0, 0 is how some databases say that they do not know: nobody lives there. */
	if (find_degrees(entry, "latitude", &lat) && find_degrees(entry, "longitude", &lon) &&
	    (lat < 0 || lat > 0 || lon < 0 || lon > 0) && place_set_position(place, lat, lon))
		shaped = true;
	return shaped;
}

static bool read_asn(MMDB_entry_s *entry, uint32_t *asn)
{
	static const struct path numbers[] = {{{"autonomous_system_number"}}, {{"asn"}}};
	MMDB_entry_data_s data;
	for (size_t i = 0; i < 2; i++) {
		if (!find_value(entry, &numbers[i], &data))
			continue;
		if (data.type == MMDB_DATA_TYPE_UINT32)
			*asn = data.uint32;
		else if (data.type == MMDB_DATA_TYPE_UINT16)
			*asn = data.uint16;
		else if (data.type == MMDB_DATA_TYPE_UINT64 && data.uint64 <= UINT32_MAX)
			*asn = (uint32_t)data.uint64;
		else
			continue;
		return true;
	}
	return false;
}

static struct memo_slot *memo_slot(const struct walk *walk, uint32_t offset)
{
	size_t i = (offset * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (walk->memo_capacity - 1);
	while (walk->memo[i].offset_plus_one != 0 && walk->memo[i].offset_plus_one != offset + 1)
		i = (i + 1) & (walk->memo_capacity - 1);
	return &walk->memo[i];
}

static void memo_grow(struct walk *walk)
{
	struct memo_slot *old = walk->memo;
	size_t old_capacity = walk->memo_capacity;
	walk->memo_capacity = old_capacity > 0 ? 2 * old_capacity : 4096;
	walk->memo = mem_array(walk->memo_capacity, sizeof *walk->memo);
	for (size_t i = 0; i < old_capacity; i++) {
		if (old[i].offset_plus_one != 0)
			*memo_slot(walk, old[i].offset_plus_one - 1) = old[i];
	}
	free(old);
}

/* Decodes the whole record, so that damage anywhere in it is found. */
static bool record_is_sound(struct walk *walk, MMDB_entry_s *entry)
{
	MMDB_entry_data_list_s *list = NULL;
	int status = MMDB_get_entry_data_list(entry, &list);
	MMDB_free_entry_data_list(list);
	if (status == MMDB_SUCCESS)
		return true;
	error_set(walk->error, "is damaged: the record at offset %u cannot be read (%s)",
		  entry->offset, MMDB_strerror(status));
	return false;
}

static bool value_of(struct walk *walk, MMDB_entry_s *entry, uint32_t *value)
{
	if (2 * (size_t)walk->records >= walk->memo_capacity)
		memo_grow(walk);
	struct memo_slot *slot = memo_slot(walk, entry->offset);
	if (slot->offset_plus_one == 0) {
		struct place place;
		if (!record_is_sound(walk, entry))
			return false;
		slot->offset_plus_one = entry->offset + 1;
		walk->records++;
		if (walk->kind == PLACE_FROM_ASN) {
			walk->shaped += read_asn(entry, &slot->value);
		} else {
			walk->shaped += read_place(entry, &place);
			slot->value = place_set_add(walk->places, &place);
		}
	}
	*value = slot->value;
	return true;
}

/* A leaf of the tree: all addresses from KEY on, DEPTH bits long. IPv4 lies in ::/96. */
static void emit(struct walk *walk, unsigned __int128 key, unsigned depth, uint32_t value)
{
	struct range_list *ranges = &walk->content->ranges;
	if (walk->db->metadata.ip_version == 4 || (key >> 32 == 0 && depth > 96)) {
		range_list_append4(ranges, (uint32_t)key, value);
		return;
	}
	if (key == 0) /* a leaf so wide that ::/96 is in it */
		range_list_append4(ranges, 0, value);
	range_list_append6(ranges, key, value);
}

static bool visit_node(struct walk *walk, uint32_t node, unsigned depth, unsigned __int128 key);

static bool visit_record(struct walk *walk, uint64_t record, uint8_t type, MMDB_entry_s *entry,
			 unsigned depth, unsigned __int128 key)
{
	uint32_t value = 0;
	switch (type) {
	case MMDB_RECORD_TYPE_EMPTY:
		emit(walk, key, depth, 0);
		return true;
	case MMDB_RECORD_TYPE_DATA:
		if (!value_of(walk, entry, &value))
			return false;
		walk->content->from.networks++;
		emit(walk, key, depth, value);
		return true;
	case MMDB_RECORD_TYPE_SEARCH_NODE:
		return visit_node(walk, (uint32_t)record, depth, key);
	default:
		error_set(walk->error, "is damaged: its search tree points outside the file");
		return false;
	}
}

/*
 * Both halves of a node, which stands for the prefix of DEPTH bits at KEY. Other paths to the IPv4
 * tree (::ffff:0:0/96, 2002::/16 ...) are aliases: the responder looks those up by the IPv4
 * address.
 */
static bool visit_node(struct walk *walk, uint32_t node, unsigned depth, unsigned __int128 key)
{
	unsigned bits = walk->db->metadata.ip_version == 4 ? 32 : 128;
	if (bits == 128 && depth == 96 && key == 0) {
		walk->ipv4_node = node;
		range_list_append6(&walk->content->ranges, 0, 0);
	} else if (node == walk->ipv4_node) {
		range_list_append6(&walk->content->ranges, key, 0);
		return true;
	}
	MMDB_search_node_s found;
	if (depth == bits || walk->visits_left == 0) {
		error_set(walk->error, "is damaged: its search tree runs in circles");
		return false;
	}
	walk->visits_left--;
	if (MMDB_read_node(walk->db, node, &found) != MMDB_SUCCESS) {
		error_set(walk->error, "is damaged: node %u of its search tree cannot be read",
			  node);
		return false;
	}
	unsigned __int128 right = key | (unsigned __int128)1 << (bits - depth - 1);
	return visit_record(walk, found.left_record, found.left_record_type,
			    &found.left_record_entry, depth + 1, key) &&
	       visit_record(walk, found.right_record, found.right_record_type,
			    &found.right_record_entry, depth + 1, right);
}

/* The content decides what a file is, not its name: makers name their types as they like. */
static bool shape_fits(const struct walk *walk)
{
	static const char *const wanted[] = {[PLACE_FROM_COUNTRY] = "a country",
					     [PLACE_FROM_CITY] = "a city",
					     [PLACE_FROM_ASN] = "an ASN"};
	if (walk->records == 0) {
		error_set(walk->error, "holds no network");
		return false;
	}
	if (2 * (uint64_t)walk->shaped >= walk->records)
		return true;
	error_set(
		walk->error,
		"is not %s database: %u of its %u records look like one (it says it is \"%.40s\")",
		wanted[walk->kind], walk->shaped, walk->records, walk->db->metadata.database_type);
	return false;
}

static bool metadata_is_sound(const MMDB_s *db, struct error *error)
{
	if (db->metadata.ip_version != 4 && db->metadata.ip_version != 6)
		error_set(error, "is damaged: its IP version is %u", db->metadata.ip_version);
	else if (db->metadata.node_count == 0)
		error_set(error, "holds no network");
	else if (db->metadata.database_type == NULL)
		error_set(error, "is damaged: it names no type");
	else
		return true;
	return false;
}

static bool walk_tree(MMDB_s *db, enum place_source_kind kind, struct place_set *places,
		      struct mmdb_content *content, struct error *error)
{
	struct walk walk = {.db = db,
			    .kind = kind,
			    .places = places,
			    .content = content,
			    .error = error,
			    .ipv4_node = UINT32_MAX,
			    /* Each node is met once; makers that share subtrees meet some again. */
			    .visits_left = 4 * (uint64_t)db->metadata.node_count};
	content->from.build_epoch = (int64_t)(db->metadata.build_epoch & INT64_MAX);
	snprintf(content->from.description, sizeof content->from.description, "%s",
		 db->metadata.database_type);
	bool ok = visit_node(&walk, 0, 0, 0) && shape_fits(&walk);
	free(walk.memo);
	return ok;
}

bool mmdb_read(const char *path, enum place_source_kind kind, struct place_set *places,
	       struct mmdb_content *content, struct error *error)
{
	MMDB_s db;
	int status = MMDB_open(path, MMDB_MODE_MMAP, &db);
	if (status == MMDB_INVALID_METADATA_ERROR || status == MMDB_UNKNOWN_DATABASE_FORMAT_ERROR) {
		error_set(error, "is not a MaxMind DB file, or is cut short (%s)",
			  MMDB_strerror(status));
		return false;
	}
	if (status != MMDB_SUCCESS) {
		error_set(error, "cannot be opened: %s", MMDB_strerror(status));
		return false;
	}
	bool ok = metadata_is_sound(&db, error) && walk_tree(&db, kind, places, content, error);
	MMDB_close(&db);
	return ok;
}

void mmdb_content_fini(struct mmdb_content *content)
{
	range_list_fini(&content->ranges);
}
