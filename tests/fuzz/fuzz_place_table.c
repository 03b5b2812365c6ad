/* Any octets as a place table: refused, or every look-up in it stays within it. The checksum is
 * made true, or nothing behind it would be reached. */
#include "geodns/place_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct place_table *table, enum addr_family family, const uint8_t *octets)
{
	struct addr addr = {.family = (uint8_t)family};
	struct place_found found;
	memcpy(addr.bytes, octets, family == ADDR_IPV4 ? 4 : 16);
	place_table_find(table, &addr, &found);
	assert(found.prefix_len <= addr_bits(&addr));
	assert(found.place.lat >= -90 && found.place.lat <= 90);
	assert(memchr(found.place.subdivision, '\0', sizeof found.place.subdivision) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size & ~(size_t)7;
	uint8_t *image = malloc(len + 8);
	struct place_table table;
	struct error error;
	memcpy(image, data, len);
	if (size % 2 == 0)
		place_table_seal(image, len);
	if (place_table_view(image, len, &table, &error)) {
		for (size_t i = 0; i + 16 <= len; i += 16) {
			look_up(&table, ADDR_IPV4, image + i);
			look_up(&table, ADDR_IPV6, image + i);
		}
	}
	free(image);
	return 0;
}
