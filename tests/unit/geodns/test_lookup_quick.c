/*
 * The quick looks against the long one: each branch of what is told of a node's zone alone, and
 * the closest encloser of names that are not there.
 */
#include "tests/unit/geodns/served.h"

#include "geodns/lookup_quick.h"

#define ZONE(name)                                                                                 \
	"{'name': '" name "', 'primary': 'a.', 'contact': 'b.', 'records': [{'name': '@', "        \
	"'type': 'NS', 'data': ['ns.test.']}"
#define RECORD(name, type, data) ", {'name': '" name "', 'type': '" type "', 'data': ['" data "']}"
#define ADDRESS(name)		 RECORD(name, "A", "192.0.2.1")

static const char regular[] = ZONE("regular.test") ADDRESS("a.b.c") "]}";
static const char cut[] = ZONE("cut.test") ADDRESS("a.b") ADDRESS("*.w") ADDRESS("one")
	RECORD("sub", "NS", "ns.test.") ADDRESS("ns.sub")
		RECORD("d", "DNAME", "regular.test.") "]}";
static const char gone[] =
	ZONE("gone.test") RECORD("@", "DNAME", "regular.test.") ADDRESS("hidden") "]}";
static const char nested[] =
	ZONE("up.test") ADDRESS("old.in") "]}, " ZONE("in.up.test") ADDRESS("new") "]}";
static const char failed[] = ZONE("failed.test") ADDRESS("a") "]}";

static struct served served;

static int begin(void **state)
{
	(void)state;
	char *document = mem_printf("{'meridian': 1, 'zones': [%s, %s, %s, %s, %s]}", regular, cut,
				    gone, nested, failed);
	served_open(&served, served_json(document));
	free(document);
	zone_set_failed(zones_find(&served.content.zones, "failed.test"), true);
	return 0;
}

static int end(void **state)
{
	(void)state;
	served_close(&served);
	return 0;
}

static size_t wire(const char *text, uint8_t lower[256])
{
	uint8_t name[NAME_WIRE_MAX];
	size_t len = name_text_parse(text, name);
	assert_true(len > 0);
	(void)name_lower(name, len, lower);
	return len;
}

static const struct node *node_at(const char *text)
{
	uint8_t name[256];
	size_t len = wire(text, name);
	return names_find(served.answerer.names, name_hash(name, len), name, len);
}

static void test_a_zone_is_open_where_nothing_can_stand_above_the_name(void **state)
{
	static const struct {
		const char *name;
		bool at, below; /* the node itself, a name right under it */
	} table[] = {
		{"failed.test", false, false},	    {"a.failed.test", false, false},
		{"regular.test", true, true},	    {"a.b.c.regular.test", true, true},
		{"cut.test", true, true},	    {"one.cut.test", true, true},
		{"w.cut.test", true, true},	    {"sub.cut.test", false, false},
		{"ns.sub.cut.test", false, false},  {"d.cut.test", true, false},
		{"a.b.cut.test", false, false},	    {"gone.test", true, false},
		{"hidden.gone.test", false, false}, {"up.test", true, true},
		{"old.in.up.test", false, false},   {"in.up.test", true, true},
		{"new.in.up.test", true, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct node *node = node_at(table[i].name);
		assert_non_null(node);
		if (lookup_is_open(node, false) != table[i].at ||
		    lookup_is_open(node, true) != table[i].below)
			fail_msg("%s", table[i].name);
	}
}

/* Where a node is said to be open, the long look finds it, or that nothing is right under it. */
static void test_what_is_open_is_found_by_the_long_look_too(void **state)
{
	static const char *const names[] = {"regular.test",   "b.c.regular.test", "cut.test",
					    "one.cut.test",   "w.cut.test",	  "d.cut.test",
					    "gone.test",      "up.test",	  "in.up.test",
					    "new.in.up.test", "b.cut.test",	  "c.regular.test"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		uint8_t name[256], under[2 + 256] = {1, '0'};
		size_t len = wire(names[i], name);
		const struct node *node = node_at(names[i]);
		memcpy(under + 2, name, len);
		struct lookup at = lookup_name(served.answerer.names, name_hash(name, len), name,
					       len, DNS_TYPE_A);
		struct lookup below = lookup_name(served.answerer.names, name_hash(under, len + 2),
						  under, len + 2, DNS_TYPE_A);
		assert_true(lookup_is_open(node, false));
		assert_int_equal(at.kind, LOOKUP_FOUND);
		assert_ptr_equal(at.node, node);
		assert_ptr_equal(lookup_above(served.answerer.names, under, len + 2), node);
		if (!lookup_is_open(node, true))
			assert_int_equal(below.kind, LOOKUP_DNAME);
		else
			assert_int_equal(below.kind, node_has_wildcard(node) ? LOOKUP_WILDCARD
									     : LOOKUP_NXDOMAIN);
	}
}

static void test_the_closest_encloser_is_the_lowest_name_above_that_exists(void **state)
{
	static const struct {
		const char *name, *above; /* NULL: none */
	} table[] = {
		{"x.regular.test", "regular.test"},
		{"x.y.z.regular.test", "regular.test"},
		{"x.c.regular.test", "c.regular.test"},
		{"x.y.b.c.regular.test", "b.c.regular.test"},
		{"x.a.b.c.regular.test", "a.b.c.regular.test"},
		/* more labels than any name there is */
		{"1.2.3.4.5.6.7.8.9.a.b.c.regular.test", "a.b.c.regular.test"},
		{"1.2.3.4.5.6.7.8.9.regular.test", "regular.test"},
		{"x.new.in.up.test", "new.in.up.test"},
		{"x.old.in.up.test", "old.in.up.test"},
		/* a zone's last octets, but no zone's name */
		{"notregular.test", NULL},
		{"x.notregular.test", NULL},
		{"elsewhere.example", NULL},
		{"a.b.c.d.elsewhere.example", NULL},
		{"test", NULL},
		{".", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint8_t name[256];
		size_t len = wire(table[i].name, name);
		const struct node *above = table[i].above != NULL ? node_at(table[i].above) : NULL;
		assert_true((above != NULL) == (table[i].above != NULL));
		if (lookup_above(served.answerer.names, name, len) != above ||
		    lookup_encloser(served.answerer.names, name, len) != above)
			fail_msg("%s", table[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_zone_is_open_where_nothing_can_stand_above_the_name),
		cmocka_unit_test(test_what_is_open_is_found_by_the_long_look_too),
		cmocka_unit_test(test_the_closest_encloser_is_the_lowest_name_above_that_exists),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
