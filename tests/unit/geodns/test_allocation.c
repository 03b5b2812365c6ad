/*
 * The answer path allocates nothing: every call of the allocator is counted here, in place of the C
 * library's own functions.
 */
#include "tests/unit/geodns/served.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS 0
#else
#define COUNTS 1

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static _Thread_local unsigned long allocations;

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	allocations++;
	return __libc_realloc(old, size);
}
#endif

static const char document[] =
	"{\"meridian\": 1, \"pools\": [{\"name\": \"p\", \"endpoints\": [{\"name\": \"a\", "
	"\"address\": \"192.0.2.1\"}, {\"name\": \"b\", \"address\": \"192.0.2.2\"}]},"
	"{\"name\": \"h\", \"answers\": \"hash\", \"endpoints\": [{\"name\": \"a\", \"address\": "
	"\"192.0.2.1\"}, {\"name\": \"b\", \"address\": \"192.0.2.2\"}]},"
	"{\"name\": \"w\", \"answers\": \"weighted\", \"endpoints\": [{\"name\": \"a\", "
	"\"address\": \"192.0.2.1\"}, {\"name\": \"b\", \"address\": \"192.0.2.2\"}]}],"
	"\"zones\": [{\"name\": \"x.test\", \"primary\": \"a.\", \"contact\": \"b.\", \"records\": "
	"["
	"{\"name\": \"@\", \"type\": \"NS\", \"data\": [\"ns.test.\"]},"
	"{\"name\": \"*.w\", \"type\": \"TXT\", \"data\": [\"\\\"w\\\"\"]},"
	"{\"name\": \"alias\", \"type\": \"CNAME\", \"data\": [\"rules\"]},"
	"{\"name\": \"d\", \"type\": \"DNAME\", \"data\": [\"w\"]},"
	"{\"name\": \"sub\", \"type\": \"NS\", \"data\": [\"ns.sub\"]},"
	"{\"name\": \"ns.sub\", \"type\": \"A\", \"data\": [\"192.0.2.5\"]}],"
	"\"services\": [{\"name\": \"rules\", \"steering\": \"rules\", \"default\": \"p\", "
	"\"rules\": [{\"match\": [\"9.0.0.0/8\"], \"pool\": \"h\"}]},"
	"{\"name\": \"weighted\", \"steering\": \"weighted\", \"pools\": [\"p\", \"w\"]},"
	"{\"name\": \"hash\", \"steering\": \"hash\", \"pools\": [\"h\", \"w\"]}]}]}";

static void test_no_answer_allocates(void **state)
{
	(void)state;
#if !COUNTS
	print_message("[  SKIPPED ] a sanitizer has the allocator\n");
	skip();
#else
	static const char *const names[] = {
		"rules.x.test", "weighted.x.test", "hash.x.test", "alias.x.test", "a.b.w.x.test",
		"q.d.x.test",	"a.sub.x.test",	   "nope.x.test", "x.test",	  "other.test"};
	static const char *const types[] = {"A", "AAAA", "TXT", "SOA", "NS", "ANY", "DS"};
	static uint8_t out[65535];
	struct served served;
	struct addr resolver;
	served_open(&served, document);
	assert_true(addr_parse("9.1.2.3", &resolver));
	for (size_t i = 0; i < 10 * 7 * 2; i++) {
		uint8_t query[600];
		struct asking asking = {.name = names[i % 10],
					.type = types[i / 10 % 7],
					.subnet = i < 70 ? "9.2.3.0/24" : NULL};
		size_t len = asking_packet(&asking, query, sizeof query);
		unsigned long before = allocations;
		assert_true(answer_packet(&served.answerer, query, len, &resolver, i % 2, out,
					  sizeof out) > 0);
		assert_int_equal(allocations, before);
	}
	/* The count counts. */
	unsigned long before = allocations;
	free(mem_strdup("x"));
	assert_int_not_equal(allocations, before);
	served_close(&served);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_answer_allocates)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
