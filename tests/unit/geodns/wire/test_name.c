/* Holds names to RFC 1035, 4034 and 4343. */
#include "geodns/wire/name.h"

#include "geodns/wire/name_fold.h"
#include "geodns/wire/name_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define WIRE(text) ((const uint8_t *)(text))

static size_t parse(const char *text, uint8_t name[NAME_WIRE_MAX])
{
	size_t len = name_text_parse(text, name);
	if (len == 0)
		fail_msg("no name: %s", text);
	return len;
}

/* RFC 1035 section 3.1 and 4.1.4. */
static void test_scan_takes_only_whole_uncompressed_names(void **state)
{
	(void)state;
	static const struct {
		const char *what, *wire;
		size_t len, expected;
	} TABLE[] = {
		{"the root", "\0", 1, 1},
		{"one label", "\3www\0", 5, 5},
		{"what follows is left", "\3www\0\0\1", 7, 5},
		{"nothing", "", 0, 0},
		{"no root", "\3www", 4, 0},
		{"cut label", "\3ww", 3, 0},
		{"pointer", "\300\14", 2, 0},
		{"pointer behind a label", "\1a\300\14", 4, 0},
		{"label type 01 (RFC 6891 section 5)", "\101a\0", 3, 0},
		{"label type 10", "\200a\0", 3, 0},
	};
	for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
		size_t got = name_scan(WIRE(TABLE[i].wire), TABLE[i].len);
		if (got != TABLE[i].expected)
			fail_msg("%s: %zu, not %zu", TABLE[i].what, got, TABLE[i].expected);
	}
}

/* A wire name of four labels: 63, 63, 63 and LAST octets, and the root. */
static size_t long_name(uint8_t name[320], size_t last)
{
	size_t at = 0;
	for (int i = 0; i < 4; i++) {
		size_t label = i == 3 ? last : 63;
		name[at] = (uint8_t)label;
		memset(name + at + 1, 'a' + i, label);
		at += 1 + label;
	}
	name[at] = 0;
	return at + 1;
}

/* RFC 1035 section 2.3.4. */
static void test_scan_takes_255_octets_and_no_more(void **state)
{
	(void)state;
	uint8_t name[320];
	assert_int_equal(long_name(name, 61), 255);
	assert_int_equal(name_scan(name, sizeof name), 255);
	assert_int_equal(long_name(name, 62), 256);
	assert_int_equal(name_scan(name, sizeof name), 0);
}

/* RFC 4343 section 3: ASCII letters alone. */
static void test_lower_changes_ascii_letters_alone(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		uint8_t message[8 + 11], lower[256], lower_in_message[256];
		memset(message, 'Z', sizeof message);
		memcpy(message + 8, "\11AbCdEfGh?\0", 11);
		message[8 + 9] = (uint8_t)octet;
		uint64_t hash = name_lower(message + 8, 11, lower);
		uint8_t expected =
			octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : (uint8_t)octet;
		assert_memory_equal(lower, "\11abcdefgh", 9);
		assert_int_equal(lower[9], expected);
		assert_int_equal(lower[10], 0);
		assert_true(hash == name_hash(lower, 11));
		assert_true(hash == name_lower_in_message(message + 8, 11, lower_in_message));
		assert_memory_equal(lower, lower_in_message, 11);
	}
}

static void test_hash_is_one_for_every_way_to_make_it(void **state)
{
	(void)state;
	for (size_t label = 1; label <= 63; label++) {
		uint8_t message[8 + 65], lower[256], other[256];
		memset(message, 0xff, 8);
		message[8] = (uint8_t)label;
		for (size_t i = 0; i < label; i++)
			message[9 + i] = (uint8_t)('A' + i % 60);
		message[9 + label] = 0;
		uint64_t hash = name_lower(message + 8, label + 2, lower);
		assert_true(hash == name_lower_in_message(message + 8, label + 2, other));
		assert_true(hash == name_hash(lower, label + 2));
	}
}

static void test_hashes_of_like_names_differ_in_their_low_and_high_bits(void **state)
{
	(void)state;
	enum { NAMES = 4096, SLOTS = 1 << 16 };
	static uint8_t low[SLOTS], high[SLOTS];
	unsigned low_hits = 0, high_hits = 0;
	for (int i = 0; i < NAMES; i++) {
		char text[64];
		uint8_t name[NAME_WIRE_MAX], lower[256];
		snprintf(text, sizeof text, "h%d.example.com", i);
		uint64_t hash = name_lower(name, parse(text, name), lower);
		low_hits += low[hash % SLOTS]++ != 0;
		high_hits += high[hash >> 48]++ != 0;
	}
	/* Chance alone gives 4096^2 / 2 / 65536 = 128. */
	assert_in_range(low_hits, 0, 200);
	assert_in_range(high_hits, 0, 200);
}

/* RFC 4034 section 6.1, with its own example. */
static void test_compare_orders_canonically(void **state)
{
	(void)state;
	static const char *const ORDER[] = {".",
					    "example.",
					    "a.example.",
					    "yljkjljk.a.example.",
					    "z.a.example.",
					    "zabc.a.example.",
					    "z.example.",
					    "\\001.z.example.",
					    "*.z.example.",
					    "\\200.z.example."};
	size_t count = sizeof ORDER / sizeof *ORDER;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < count; k++) {
			uint8_t a[NAME_WIRE_MAX], b[NAME_WIRE_MAX];
			(void)parse(ORDER[i], a);
			(void)parse(ORDER[k], b);
			int order = name_compare(a, b);
			if ((order < 0) != (i < k) || (order > 0) != (i > k))
				fail_msg("%s and %s: %d", ORDER[i], ORDER[k], order);
		}
	}
}

static void test_below_holds_at_label_boundaries_alone(void **state)
{
	(void)state;
	static const struct {
		const char *name, *apex;
		bool expected;
	} TABLE[] = {
		{"www.example.com", "example.com", true},
		{"example.com", "example.com", true},
		{"example.com", "www.example.com", false},
		{"wwwexample.com", "example.com", false},
		{"www.example.org", "example.com", false},
		{"www.example.com", ".", true},
		{".", ".", true},
		{"a\\007example.com", "example.com", false},
		/* The octets of "example.com" inside a label that is longer. */
		{"x\\007example\\003com", "example.com", false},
	};
	for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
		uint8_t name[NAME_WIRE_MAX], apex[NAME_WIRE_MAX];
		size_t len = parse(TABLE[i].name, name), apex_len = parse(TABLE[i].apex, apex);
		if (name_is_at_or_below(name, len, apex, apex_len) != TABLE[i].expected)
			fail_msg("%s below %s", TABLE[i].name, TABLE[i].apex);
	}
}

static void test_labels_parent_and_wildcard_walk_a_name(void **state)
{
	(void)state;
	uint8_t name[NAME_WIRE_MAX];
	size_t len = parse("*.a.example", name);
	assert_int_equal(len, name_len(name));
	assert_int_equal(name_labels(name), 3);
	assert_true(name_is_wildcard(name));
	assert_false(name_is_wildcard(name_parent(name)));
	assert_int_equal(name_labels(name_parent(name)), 2);
	assert_int_equal(*name_parent(name_parent(name_parent(name))), 0);
	const uint8_t root[1] = {0};
	assert_ptr_equal(name_parent(root), root);
	(void)parse("*a.example", name);
	assert_false(name_is_wildcard(name));
}

/* RFC 1035 section 5.1. */
static void test_text_is_read_with_its_escapes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *wire;
		size_t len; /* 0: no name */
	} TABLE[] = {
		{".", "\0", 1},		 {"www", "\3www\0", 5},
		{"www.", "\3www\0", 5},	 {"Www.Example", "\3Www\7Example\0", 13},
		{"a\\.b", "\3a.b\0", 5}, {"a\\046b", "\3a.b\0", 5},
		{"\\000", "\1\0\0", 3},	 {"\\255", "\1\377\0", 3},
		{"", NULL, 0},		 {"..", NULL, 0},
		{".a", NULL, 0},	 {"a..b", NULL, 0},
		{"\\256", NULL, 0},	 {"\\25", NULL, 0},
		{"a\\", NULL, 0},	 {"\\2", NULL, 0},
		{"\\2a0", NULL, 0},	 {"\\20a", NULL, 0},
		{"\\300", NULL, 0},	 {"\\a", "\1a\0", 3},
	};
	for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
		uint8_t name[NAME_WIRE_MAX];
		size_t len = name_text_parse(TABLE[i].text, name);
		if (len != TABLE[i].len || (len > 0 && memcmp(name, TABLE[i].wire, len) != 0))
			fail_msg("\"%s\": %zu octets", TABLE[i].text, len);
	}
}

static void test_text_keeps_to_the_limits_of_labels_and_names(void **state)
{
	(void)state;
	char text[400];
	uint8_t name[NAME_WIRE_MAX];
	memset(text, 'a', sizeof text);
	text[63] = '\0';
	assert_int_equal(name_text_parse(text, name), 65);
	text[63] = 'a';
	text[64] = '\0';
	assert_int_equal(name_text_parse(text, name), 0);
	for (size_t last = 61; last <= 62; last++) {
		memset(text, 'a', sizeof text);
		text[63] = text[127] = text[191] = '.';
		text[192 + last] = '\0';
		assert_int_equal(name_text_parse(text, name), last == 61 ? 255 : 0);
	}
	/* 254 octets without the root are the most: no label, not even an empty one, has room. */
	text[192 + 61] = '.';
	text[192 + 62] = '\0';
	assert_int_equal(name_text_parse(text, name), 255);
	static const char *const MORE[] = {"a", ".", "\\"};
	for (size_t i = 0; i < 3; i++) {
		strcpy(text + 192 + 62, MORE[i]);
		assert_int_equal(name_text_parse(text, name), 0);
	}
}

static void test_text_without_final_dot_is_below_the_origin(void **state)
{
	(void)state;
	uint8_t origin[NAME_WIRE_MAX], name[NAME_WIRE_MAX];
	(void)parse("example.com", origin);
	assert_int_equal(name_text_parse_below("www", origin, name), 17);
	assert_memory_equal(name, "\3www\7example\3com", 17);
	assert_int_equal(name_text_parse_below("www.", origin, name), 5);
	assert_int_equal(name_text_parse_below("@", origin, name), 13);
	assert_memory_equal(name, "\7example\3com", 13);
	/* RFC 1035 section 5.1: @ stands for an origin; below the root it is a label like others.
	 */
	assert_int_equal(name_text_parse("@", name), 3);
	assert_memory_equal(name, "\1@\0", 3);
	assert_int_equal(name_text_parse_below("", origin, name), 0);
	char text[NAME_TEXT_MAX] = "";
	for (size_t label = 49; label <= 50; label++) { /* 3 * 64 + 50 + 13 = 255 */
		memset(text, 'a', 192 + label);
		text[63] = text[127] = text[191] = '.';
		text[192 + label] = '\0';
		assert_int_equal(name_text_parse_below(text, origin, name), label == 49 ? 255 : 0);
	}
}

static void test_text_of_any_octets_reads_back(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first += 32) {
		uint8_t name[NAME_WIRE_MAX] = {32}, back[NAME_WIRE_MAX];
		for (unsigned i = 0; i < 32; i++)
			name[1 + i] = (uint8_t)(first + i);
		char text[NAME_TEXT_MAX];
		name_text_format(name, text);
		assert_int_equal(name_text_parse(text, back), 34);
		assert_memory_equal(name, back, 34);
	}
	uint8_t root[1] = {0};
	char text[NAME_TEXT_MAX];
	name_text_format(root, text);
	assert_string_equal(text, ".");
}

/* RFC 1035 section 4.1.4. */
static void test_unpack_follows_pointers_back_and_only_back(void **state)
{
	(void)state;
	/* 0: a.b, 5: pointer to 2, 7: "c" and a pointer to 5, 11: to itself, 13: forward to 15, 15:
	 * root, 16: cut */
	static const uint8_t MESSAGE[] = {1,	'a', 1,	   'b', 0,    0xc0, 2, 1,   'c',
					  0xc0, 5,   0xc0, 11,	0xc0, 15,   0, 0xc0};
	static const struct {
		size_t at, len, end; /* len 0: malformed */
	} TABLE[] = {{0, 5, 5},	 {5, 3, 7},   {7, 5, 11}, {11, 0, 0},
		     {13, 0, 0}, {15, 1, 16}, {16, 0, 0}, {17, 0, 0}};
	for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
		uint8_t name[NAME_WIRE_MAX];
		struct reader reader;
		reader_init(&reader, MESSAGE, sizeof MESSAGE);
		reader.at = TABLE[i].at;
		size_t len = name_unpack(&reader, name);
		if (len != TABLE[i].len || reader.failed != (len == 0) ||
		    (len != 0 && reader.at != TABLE[i].end))
			fail_msg("at %zu: %zu, on at %zu", TABLE[i].at, len, reader.at);
	}
}

static void test_unpack_refuses_more_than_255_octets_through_pointers(void **state)
{
	(void)state;
	/* 61 octets of label before a pointer to 195 octets of name: 62 + 195 = 257. */
	for (size_t label = 59; label <= 60; label++) {
		uint8_t message[400], name[NAME_WIRE_MAX];
		size_t at = 0;
		for (int i = 0; i < 3; i++) {
			message[at] = 63;
			memset(message + at + 1, 'x', 63);
			at += 64;
		}
		message[at++] = 1;
		message[at++] = 'y';
		message[at++] = 0;
		size_t start = at;
		message[at++] = (uint8_t)label;
		memset(message + at, 'z', label);
		at += label;
		message[at++] = 0xc0;
		message[at++] = 0;
		struct reader reader;
		reader_init(&reader, message, at);
		reader.at = start;
		assert_int_equal(name_unpack(&reader, name), label == 59 ? 255 : 0);
	}
}

/* RFC 1035 section 2.3.4: each pointer leads to a label at least, of which a name has 127. */
static void test_unpack_follows_no_more_pointers_than_a_name_has_labels(void **state)
{
	(void)state;
	for (unsigned pointers = NAME_LABELS_MAX; pointers <= NAME_LABELS_MAX + 1; pointers++) {
		uint8_t message[1 + 2 * (NAME_LABELS_MAX + 1)] = {0}, name[NAME_WIRE_MAX];
		size_t target = 0, at = 1;
		for (unsigned i = 0; i < pointers; i++, at += 2) {
			wire_put_u16(message + at, (uint16_t)(0xc000 | target));
			target = at;
		}
		struct reader reader;
		reader_init(&reader, message, at);
		reader.at = target;
		bool good = pointers == NAME_LABELS_MAX;
		assert_int_equal(name_unpack(&reader, name), good);
		assert_int_equal(reader.failed, !good);
	}
}

/* RFC 1035 section 4.1.4: 01 and 10 are no labels; RFC 6891 section 5: extended ones are history.
 */
static void test_unpack_refuses_labels_of_other_types(void **state)
{
	(void)state;
	for (unsigned label = 0; label < 0x100; label++) {
		uint8_t message[300] = {0}, name[NAME_WIRE_MAX];
		message[2] = (uint8_t)label; /* as a pointer it leads to the root before it */
		struct reader reader;
		reader_init(&reader, message, sizeof message);
		reader.at = 2;
		size_t len = name_unpack(&reader, name);
		size_t expected = label == 0 ? 1 : label <= 63 ? label + 2u : label == 0xc0 ? 1 : 0;
		assert_int_equal(len, expected);
		assert_int_equal(reader.failed, expected == 0);
	}
}

/* RFC 4343 section 3: of names in lower case, every octet counts. */
static void test_names_are_equal_where_each_octet_is(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 255; len++) {
		uint8_t a[256], b[256];
		memset(a, 'x', sizeof a);
		memcpy(b, a, sizeof b);
		a[len] = 'y'; /* what stands behind does not */
		assert_true(name_fold_same(a, b, len));
		assert_true(name_equal(a, len, b, len));
		assert_false(name_equal(a, len, b, len - 1));
		for (size_t at = 0; at < len; at++) {
			b[at] = 'y';
			assert_false(name_fold_same(a, b, len));
			assert_false(name_equal(a, len, b, len));
			b[at] = 'x';
		}
	}
}

static void test_skip_stops_behind_pointer_or_root(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		size_t len, end; /* end 0: malformed */
	} TABLE[] = {
		{"\0", 1, 1},	   {"\300\14", 2, 2}, {"\1a\300\377x", 5, 4}, {"\1a\0x", 4, 3},
		{"\300", 1, 0},	   {"\1a", 2, 0},     {"\2a", 2, 0},	      {"\100a\0", 3, 0},
		{"\200a\0", 3, 0}, {"", 0, 0},
	};
	for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
		struct reader reader;
		reader_init(&reader, WIRE(TABLE[i].wire), TABLE[i].len);
		name_skip(&reader);
		if (reader.failed != (TABLE[i].end == 0) ||
		    (!reader.failed && reader.at != TABLE[i].end))
			fail_msg("row %zu: at %zu", i, reader.at);
	}
	uint8_t name[320];
	struct reader reader;
	reader_init(&reader, name, long_name(name, 62));
	name_skip(&reader);
	assert_true(reader.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan_takes_only_whole_uncompressed_names),
		cmocka_unit_test(test_scan_takes_255_octets_and_no_more),
		cmocka_unit_test(test_lower_changes_ascii_letters_alone),
		cmocka_unit_test(test_hash_is_one_for_every_way_to_make_it),
		cmocka_unit_test(test_hashes_of_like_names_differ_in_their_low_and_high_bits),
		cmocka_unit_test(test_compare_orders_canonically),
		cmocka_unit_test(test_below_holds_at_label_boundaries_alone),
		cmocka_unit_test(test_labels_parent_and_wildcard_walk_a_name),
		cmocka_unit_test(test_text_is_read_with_its_escapes),
		cmocka_unit_test(test_text_keeps_to_the_limits_of_labels_and_names),
		cmocka_unit_test(test_text_without_final_dot_is_below_the_origin),
		cmocka_unit_test(test_text_of_any_octets_reads_back),
		cmocka_unit_test(test_unpack_follows_pointers_back_and_only_back),
		cmocka_unit_test(test_unpack_refuses_more_than_255_octets_through_pointers),
		cmocka_unit_test(test_unpack_follows_no_more_pointers_than_a_name_has_labels),
		cmocka_unit_test(test_unpack_refuses_labels_of_other_types),
		cmocka_unit_test(test_names_are_equal_where_each_octet_is),
		cmocka_unit_test(test_skip_stops_behind_pointer_or_root),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
