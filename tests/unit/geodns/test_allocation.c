/*
 * The answer path allocates nothing and takes no lock: every call of the allocator and of the mutex
 * is counted here, in place of the C library's own functions.
 */
#include "tests/unit/geodns/served.h"

#include <dlfcn.h>
#include <pthread.h>

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

static _Thread_local unsigned long locks;

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	static int (*real)(pthread_mutex_t *);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_lock");
	locks++;
	return real(mutex);
}

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

/* Octets behind the OPT of a query: a cookie and NSID, an option cut short. */
static const uint8_t rare[] = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 3, 0, 0},
		     cut[] = {0, 8, 0, 9, 0, 1};

/* What is added to a query without a client subnet. */
static size_t add(uint8_t *query, size_t len, const uint8_t *options, size_t options_len)
{
	memcpy(query + len, options, options_len);
	wire_put_u16(query + len - 2, (uint16_t)options_len);
	return len + options_len;
}

static void answer_without(struct answerer *answerer, const uint8_t *query, size_t len,
			   const struct addr *resolver, bool stream)
{
	static uint8_t out[65535];
	unsigned long before = allocations, locked = locks;
	assert_true(answer_packet(answerer, query, len, resolver, stream, out, sizeof out) > 0);
	assert_int_equal(allocations, before);
	assert_int_equal(locks, locked);
}

/* Cookies and NSID, options that are malformed, and a message that ends too early. */
static void answer_odd_ones(struct answerer *answerer, const char *name, const char *type,
			    const struct addr *resolver, bool stream)
{
	uint8_t query[600];
	const struct asking asking = {.name = name, .type = type};
	size_t len = asking_packet(&asking, query, sizeof query);
	answer_without(answerer, query, len - 3, resolver, stream);
	answer_without(answerer, query, add(query, len, rare, sizeof rare), resolver, stream);
	answer_without(answerer, query, add(query, len, cut, sizeof cut), resolver, stream);
}
#endif

static void test_no_answer_allocates_or_locks(void **state)
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
	static const char *const subnets[] = {NULL, "9.2.3.0/24", "2001:db8::/56"};
	static const struct cookie_secrets secrets = {.count = 1};
	static const struct rrl_settings limits = {.rate = 1000000, .share = 1};
	struct served served;
	struct addr resolver;
	served_open(&served, document);
	served.answerer.cookies = &secrets;
	assert_true(addr_parse("9.1.2.3", &resolver));
	for (size_t i = 0; i < 10 * 7 * 6 * 2; i++) {
		uint8_t query[600];
		bool stream = i / 70 % 2;
		struct asking asking = {.name = names[i % 10],
					.type = types[i / 10 % 7],
					.subnet = subnets[i / 140 % 3]};
		if (i == 420)
			served.answerer.rrl = rrl_new(&limits, 1);
		size_t len = asking_packet(&asking, query, sizeof query);
		answer_without(&served.answerer, query, len, &resolver, stream);
		answer_odd_ones(&served.answerer, asking.name, asking.type, &resolver, stream);
	}
	rrl_free(served.answerer.rrl);
	/* The counts count. */
	unsigned long before = allocations;
	free(mem_strdup("x"));
	assert_int_not_equal(allocations, before);
	unsigned long locked = locks;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	assert_int_equal(pthread_mutex_lock(&mutex), 0);
	assert_int_equal(pthread_mutex_unlock(&mutex), 0);
	assert_int_not_equal(locks, locked);
	served_close(&served);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_answer_allocates_or_locks)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
