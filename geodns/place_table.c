/* Knows the layout of a place table file and what must hold in it before it may be used. */
#include "geodns/place_table.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Numbers are in the byte order of the machine that wrote the file; another machine's is refused.
 */
enum { VERSION = 1, BYTE_ORDER_MARK = 0x01020304 };

enum section {
	PLACES,
	PLACE4_START,
	PLACE4_VALUE,
	PLACE6_HI,
	PLACE6_LO,
	PLACE6_VALUE,
	ASN4_START,
	ASN4_VALUE,
	ASN6_HI,
	ASN6_LO,
	ASN6_VALUE,
	SECTIONS
};

static const size_t element_size[SECTIONS] = {
	[PLACES] = sizeof(struct place),   [PLACE4_START] = sizeof(uint32_t),
	[PLACE4_VALUE] = sizeof(uint32_t), [PLACE6_HI] = sizeof(uint64_t),
	[PLACE6_LO] = sizeof(uint64_t),	   [PLACE6_VALUE] = sizeof(uint32_t),
	[ASN4_START] = sizeof(uint32_t),   [ASN4_VALUE] = sizeof(uint32_t),
	[ASN6_HI] = sizeof(uint64_t),	   [ASN6_LO] = sizeof(uint64_t),
	[ASN6_VALUE] = sizeof(uint32_t),
};

/* Sections follow the header in their order, each padded to 8 octets. */
struct file_header {
	char magic[8];
	uint32_t version, byte_order;
	uint64_t len, checksum;
	int64_t built_ms;
	struct place_database from[PLACE_FROM_COUNT];
	uint64_t count[SECTIONS];
};

static const char magic[8] = {'M', 'R', 'D', 'P', 'L', 'A', 'C', 'E'};

_Static_assert(sizeof(struct place) == 20, "struct place is part of the file format");
_Static_assert(sizeof(struct file_header) % 8 == 0, "sections begin on 8 octets");

/* FNV-1a over words of 64 bits in four lanes: finds damage, not malice. The checksum counts as 0.
 */
static uint64_t checksum_of(const void *bytes, size_t len)
{
	const char *at = bytes;
	const uint64_t prime = UINT64_C(0x100000001b3);
	const size_t skipped = offsetof(struct file_header, checksum) / 8;
	uint64_t lane[4] = {1, 2, 3, 4}, sum = len;
	for (size_t i = 0; i < len / 8; i++) {
		uint64_t word;
		memcpy(&word, at + 8 * i, sizeof word);
		if (i == skipped)
			word = 0;
		uint64_t mixed = (lane[i % 4] ^ word) * prime;
		lane[i % 4] = mixed ^ mixed >> 29;
	}
	for (size_t i = 0; i < 4; i++)
		sum = ((sum ^ lane[i]) * prime) ^ (sum >> 31);
	return sum;
}

static size_t padded(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

/* Finds each section; false where they do not fill LEN exactly. */
static bool place_sections(const struct file_header *header, size_t len, size_t at[SECTIONS])
{
	size_t used = sizeof *header;
	for (int i = 0; i < SECTIONS; i++) {
		at[i] = used;
		if (header->count[i] > (len - used) / element_size[i])
			return false;
		size_t size = padded((size_t)header->count[i] * element_size[i]);
		if (size > len - used)
			return false;
		used += size;
	}
	return used == len;
}

static bool counts_agree(const uint64_t count[SECTIONS])
{
	return count[PLACES] >= 1 && count[PLACES] <= UINT32_MAX &&
	       count[PLACE4_START] == count[PLACE4_VALUE] &&
	       count[PLACE6_HI] == count[PLACE6_VALUE] &&
	       (count[PLACE6_LO] == 0 || count[PLACE6_LO] == count[PLACE6_HI]) &&
	       count[ASN4_START] == count[ASN4_VALUE] && count[ASN6_HI] == count[ASN6_VALUE] &&
	       (count[ASN6_LO] == 0 || count[ASN6_LO] == count[ASN6_HI]);
}

/* Text that ends within its field and is followed by zeros. */
static bool text_is_sound(const char *text, size_t size)
{
	size_t len = strnlen(text, size);
	for (size_t i = len; i < size; i++) {
		if (text[i] != '\0')
			return false;
	}
	return len < size;
}

static bool place_is_sound(const struct place *place)
{
	bool on_earth =
		place->lat >= -90 && place->lat <= 90 && place->lon >= -180 && place->lon <= 180;
	return text_is_sound(place->continent, sizeof place->continent) &&
	       text_is_sound(place->country, sizeof place->country) &&
	       text_is_sound(place->subdivision, sizeof place->subdivision) &&
	       place->flags <= PLACE_FLAGS && place->zero == 0 && on_earth;
}

static bool places_are_sound(const struct place_table *table)
{
	static const struct place unknown = {0};
	if (memcmp(&table->places[0], &unknown, sizeof unknown) != 0)
		return false;
	for (size_t i = 0; i < table->place_count; i++) {
		if (!place_is_sound(&table->places[i]))
			return false;
	}
	for (int i = 0; i < PLACE_FROM_COUNT; i++) {
		if (!text_is_sound(table->from[i].description, sizeof table->from[i].description))
			return false;
	}
	return true;
}

static bool ranges4_are_sound(const struct ranges4 *ranges, uint64_t value_limit)
{
	bool sound = ranges->count == 0 || ranges->start[0] == 0;
	for (size_t i = 0; sound && i < ranges->count; i++) {
		sound = ranges->value[i] < value_limit &&
			(i == 0 || ranges->start[i] > ranges->start[i - 1]);
	}
	return sound;
}

static bool ranges6_are_sound(const struct ranges6 *ranges, uint64_t value_limit)
{
	bool sound = ranges->count == 0 || ranges_start6(ranges, 0) == 0;
	for (size_t i = 0; sound && i < ranges->count; i++) {
		sound = ranges->value[i] < value_limit &&
			(i == 0 || ranges_start6(ranges, i) > ranges_start6(ranges, i - 1));
	}
	return sound;
}

static bool header_is_sound(const struct file_header *header, size_t len, struct error *error)
{
	if (memcmp(header->magic, magic, sizeof magic) != 0)
		error_set(error, "is not a place table; make one with \"meridian geo compile\"");
	else if (header->byte_order != BYTE_ORDER_MARK || header->version != VERSION)
		error_set(error,
			  "is a place table of another version or machine (version %u, "
			  "wanted %u); make a new one with \"meridian geo compile\"",
			  header->version, (unsigned)VERSION);
	else if (header->len != len)
		error_set(error, "is cut short or has grown: %zu octets, wanted %llu", len,
			  (unsigned long long)header->len);
	else if (header->checksum != checksum_of(header, len))
		error_set(error, "is damaged: its checksum does not hold");
	else
		return true;
	return false;
}

static void bind_sections(struct place_table *table, const struct file_header *header,
			  const size_t at[SECTIONS])
{
	const char *base = (const char *)header;
	const uint64_t *count = header->count;
#define SECTION(which) ((const void *)(base + at[which]))
	table->places = SECTION(PLACES);
	table->place_count = (size_t)count[PLACES];
	table->place4 = (struct ranges4){SECTION(PLACE4_START), SECTION(PLACE4_VALUE),
					 (size_t)count[PLACE4_START]};
	table->asn4 = (struct ranges4){SECTION(ASN4_START), SECTION(ASN4_VALUE),
				       (size_t)count[ASN4_START]};
	table->place6 = (struct ranges6){SECTION(PLACE6_HI),
					 count[PLACE6_LO] > 0 ? SECTION(PLACE6_LO) : NULL,
					 SECTION(PLACE6_VALUE), (size_t)count[PLACE6_HI]};
	table->asn6 =
		(struct ranges6){SECTION(ASN6_HI), count[ASN6_LO] > 0 ? SECTION(ASN6_LO) : NULL,
				 SECTION(ASN6_VALUE), (size_t)count[ASN6_HI]};
#undef SECTION
	memcpy(table->from, header->from, sizeof table->from);
	table->built_ms = header->built_ms;
}

bool place_table_view(const void *bytes, size_t len, struct place_table *table, struct error *error)
{
	const struct file_header *header = bytes;
	size_t at[SECTIONS];
	memset(table, 0, sizeof *table);
	if (len < sizeof *header || len % 8 != 0) {
		error_set(error, "is not a place table: %zu octets", len);
		return false;
	}
	if (!header_is_sound(header, len, error))
		return false;
	if (!counts_agree(header->count) || !place_sections(header, len, at)) {
		error_set(error, "is damaged: its sections do not fit");
		return false;
	}
	bind_sections(table, header, at);
	if (!places_are_sound(table) || !ranges4_are_sound(&table->place4, table->place_count) ||
	    !ranges6_are_sound(&table->place6, table->place_count) ||
	    !ranges4_are_sound(&table->asn4, UINT64_MAX) ||
	    !ranges6_are_sound(&table->asn6, UINT64_MAX)) {
		error_set(error, "is damaged: its ranges or places are not in order");
		return false;
	}
	return true;
}

static void *map_file(const char *path, size_t *len, struct error *error)
{
	void *bytes = MAP_FAILED;
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) != 0) {
		error_set_errno(error, "cannot be read");
	} else if (!S_ISREG(status.st_mode) || status.st_size <= 0) {
		error_set(error, "is not a place table: empty, or not a file");
	} else {
		*len = (size_t)status.st_size;
		bytes = mmap(NULL, *len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (bytes == MAP_FAILED)
			error_set_errno(error, "cannot be mapped");
	}
	if (fd >= 0)
		close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

struct place_table *place_table_open(const char *path, struct error *error)
{
	size_t len = 0;
	void *bytes = map_file(path, &len, error);
	struct place_table *table = mem_new(struct place_table);
	if (bytes != NULL && place_table_view(bytes, len, table, error)) {
		table->bytes = bytes;
		table->len = len;
		return table;
	}
	error_prefix(error, "place table %s", path);
	if (bytes != NULL)
		munmap(bytes, len);
	free(table);
	return NULL;
}

void place_table_close(struct place_table *table)
{
	if (table == NULL)
		return;
	munmap(table->bytes, table->len);
	free(table);
}

static void find4(const struct ranges4 *ranges, uint32_t key, uint32_t *value, unsigned *scope)
{
	*value = 0;
	*scope = 0;
	if (ranges->count == 0)
		return;
	size_t i = ranges_search4(ranges->start, 0, ranges->count - 1, key);
	*value = ranges->value[i];
	*scope = ranges_scope4(ranges->start, ranges->count, i, key);
}

static void find6(const struct ranges6 *ranges, unsigned __int128 key, uint32_t *value,
		  unsigned *scope)
{
	*value = 0;
	*scope = 0;
	if (ranges->count == 0)
		return;
	size_t i = ranges_search6(ranges, 0, ranges->count - 1, key);
	*value = ranges->value[i];
	*scope = ranges_scope6(ranges, i, key);
}

void place_table_find(const struct place_table *table, const struct addr *addr,
		      struct place_found *found)
{
	uint32_t place = 0;
	unsigned place_scope = 0, asn_scope = 0;
	memset(found, 0, sizeof *found);
	if (table == NULL)
		return;
	if (addr->family == ADDR_IPV4) {
		find4(&table->place4, ranges_key4(addr), &place, &place_scope);
		find4(&table->asn4, ranges_key4(addr), &found->asn, &asn_scope);
	} else {
		find6(&table->place6, ranges_key6(addr), &place, &place_scope);
		find6(&table->asn6, ranges_key6(addr), &found->asn, &asn_scope);
	}
	found->place = table->places[place];
	found->prefix_len = (uint8_t)(place_scope > asn_scope ? place_scope : asn_scope);
}

static bool write_all(int fd, const void *bytes, size_t len, struct error *error)
{
	const char *from = bytes;
	while (len > 0) {
		ssize_t written = write(fd, from, len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			error_set_errno(error, "the place table cannot be written");
			return false;
		}
		from += written;
		len -= (size_t)written;
	}
	return true;
}

void place_table_seal(void *bytes, size_t len)
{
	struct file_header *header = bytes;
	if (len < sizeof *header)
		return;
	header->len = len;
	header->checksum = checksum_of(bytes, len);
}

bool place_table_write(const struct place_table *table, int fd, struct error *error)
{
	const struct ranges6 *place6 = &table->place6, *asn6 = &table->asn6;
	const void *data[SECTIONS] = {table->places,	 table->place4.start, table->place4.value,
				      place6->hi,	 place6->lo,	      place6->value,
				      table->asn4.start, table->asn4.value,   asn6->hi,
				      asn6->lo,		 asn6->value};
	struct file_header header = {.version = VERSION, .byte_order = BYTE_ORDER_MARK};
	const uint64_t count[SECTIONS] = {table->place_count,
					  table->place4.count,
					  table->place4.count,
					  place6->count,
					  place6->lo != NULL ? place6->count : 0,
					  place6->count,
					  table->asn4.count,
					  table->asn4.count,
					  asn6->count,
					  asn6->lo != NULL ? asn6->count : 0,
					  asn6->count};
	size_t len = sizeof header, at[SECTIONS];
	memcpy(header.magic, magic, sizeof magic);
	memcpy(header.from, table->from, sizeof header.from);
	memcpy(header.count, count, sizeof count);
	header.built_ms = table->built_ms;
	for (int i = 0; i < SECTIONS; i++) {
		at[i] = len;
		len += padded((size_t)count[i] * element_size[i]);
	}
	char *bytes = mem_array(len, 1);
	memcpy(bytes, &header, sizeof header);
	for (int i = 0; i < SECTIONS; i++) {
		if (count[i] > 0)
			memcpy(bytes + at[i], data[i], (size_t)count[i] * element_size[i]);
	}
	place_table_seal(bytes, len);
	bool ok = write_all(fd, bytes, len, error);
	free(bytes);
	return ok;
}
