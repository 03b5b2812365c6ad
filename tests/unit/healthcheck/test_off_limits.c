/* Off limits: the ranges, their edges, and IPv4 inside IPv6. */
#include "healthcheck/off_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_link_local_and_metadata_are_off_limits_and_their_neighbours_are_not(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool off;
	} table[] = {
		{"169.253.255.255", false},
		{"169.254.0.0", true},
		{"169.254.169.254", true},
		{"169.254.255.255", true},
		{"169.255.0.0", false},
		{"100.100.100.200", true},
		{"100.100.100.201", false},
		{"168.63.129.16", true},
		{"192.0.0.192", true},
		{"127.0.0.1", false},
		{"10.0.0.1", false},
		{"fe7f::1", false},
		{"fe80::1", true},
		{"febf:ffff::1", true},
		{"fec0::1", false},
		{"fd00:ec2::254", true},
		{"fd00:ec2::23", true},
		{"fd00:ec3::254", false},
		{"fd20:ce::254", true},
		{"fd20:ce::253", false},
		{"fd00:c1::a9fe:a9fe", true},
		{"fd00:42::42", true},
		{"fd00:42::43", false},
		{"fd00:a9fe:a9fe::1", true},
		{"fd00:100::100:200", true},
		{"224.0.0.1", true},
		{"224.0.1.1", false},
		{"ff02::1", true},
		{"ff05::2", false},
		{"::ffff:169.254.169.254", true},
		{"::ffff:100.100.100.200", true},
		{"2002:a9fe:a9fe::", true},
		{"::ffff:192.0.2.1", false},
		{"64:ff9b::a9fe:a9fe", true},
		{"2001:db8::1", false},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct addr address;
		assert_true(addr_parse(table[i].address, &address));
		assert_int_equal(off_limits(&address) != NULL, table[i].off);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_link_local_and_metadata_are_off_limits_and_their_neighbours_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
