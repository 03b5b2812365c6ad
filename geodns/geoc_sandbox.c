/* Knows what the compiler of place tables needs from the kernel while it reads a hostile file. */
#include "geodns/geoc_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A sanitizer's shadow memory needs terabytes of address space and calls of its own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static bool limit(int resource, rlim_t most, struct error *error)
{
	const struct rlimit both = {most, most};
	if (setrlimit((__rlimit_resource_t)resource, &both) == 0)
		return true;
	error_set_errno(error, "a resource limit cannot be set");
	return false;
}

static bool limit_resources(struct error *error)
{
	const rlim_t gib = (rlim_t)1 << 30;
	return (SANITIZED || limit(RLIMIT_AS, 2 * gib, error)) && limit(RLIMIT_CPU, 120, error) &&
	       limit(RLIMIT_FSIZE, gib, error) && limit(RLIMIT_CORE, 0, error);
}

/* Denies every path. Files of no path, such as a memfd behind /proc/self/fd, stay open to it.
 * A kernel without Landlock is left to seccomp alone. */
static void deny_paths(void)
{
	const struct landlock_ruleset_attr all = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				     LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE |
				     LANDLOCK_ACCESS_FS_REMOVE_FILE |
				     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
				     LANDLOCK_ACCESS_FS_MAKE_SYM};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (rules < 0)
		return;
	syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

static bool allow_calls(scmp_filter_ctx filter)
{
	static const int calls[] = {
		SCMP_SYS(read),	       SCMP_SYS(pread64),	SCMP_SYS(write),
		SCMP_SYS(close),       SCMP_SYS(fstat),		SCMP_SYS(newfstatat),
		SCMP_SYS(fcntl),       SCMP_SYS(lseek),		SCMP_SYS(mmap),
		SCMP_SYS(munmap),      SCMP_SYS(mremap),	SCMP_SYS(mprotect),
		SCMP_SYS(madvise),     SCMP_SYS(brk),		SCMP_SYS(futex),
		SCMP_SYS(getrandom),   SCMP_SYS(exit),		SCMP_SYS(exit_group),
		SCMP_SYS(getpid),      SCMP_SYS(gettid),	SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(tgkill),      SCMP_SYS(clock_gettime), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigaction)};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	}
	const unsigned writing = O_ACCMODE | O_CREAT | O_TRUNC;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY)) == 0;
}

static bool filter_calls(struct error *error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool ok = filter != NULL && allow_calls(filter) && seccomp_load(filter) == 0;
	if (filter != NULL)
		seccomp_release(filter);
	if (!ok)
		error_set(error, "the system call filter cannot be set");
	return ok;
}

bool geoc_sandbox_enter(struct error *error)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		error_set_errno(error, "new privileges cannot be given up");
		return false;
	}
	if (!limit_resources(error))
		return false;
	if (SANITIZED)
		return true;
	deny_paths();
	return filter_calls(error);
}
