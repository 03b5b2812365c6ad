"""The clock of daemons that a test may set: a library that stands before theirs."""
import os
import re
import subprocess

from harness import BIN

SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
/* The wall clock is ahead by the seconds that stand in the file $CLOCK_STEP, the other clocks by those in $CLOCK_LEAP. System calls
 * alone: a sanitizer's allocator asks for the time with its lock held, so nothing here may allocate. */
static long read_s(const char *name)
{
	const char *at = getenv(name);
	int fd = at ? (int)syscall(SYS_openat, AT_FDCWD, at, O_RDONLY | O_CLOEXEC) : -1;
	char text[32];
	long len = fd >= 0 ? syscall(SYS_read, fd, text, sizeof(text)) : 0, s = 0;
	if (fd >= 0) syscall(SYS_close, fd);
	for (long i = len > 0 && text[0] == '-' ? 1 : 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) s = 10 * s + text[i] - '0';
	return len > 0 && text[0] == '-' ? -s : s;
}
int clock_gettime(clockid_t id, struct timespec *t) { int r = (int)syscall(SYS_clock_gettime, id, t); t->tv_sec += read_s(id == CLOCK_REALTIME ? "CLOCK_STEP" : "CLOCK_LEAP"); return r; }
time_t time(time_t *out) { struct timespec t; clock_gettime(CLOCK_REALTIME, &t); if (out) *out = t.tv_sec; return t.tv_sec; }
int gettimeofday(struct timeval *v, void *z) { struct timespec t; (void)z; clock_gettime(CLOCK_REALTIME, &t); v->tv_sec = t.tv_sec; v->tv_usec = t.tv_nsec / 1000; return 0; }
"""


class Clock:
    """FOLDER holds the library and its files; what begins with `prefix` has this clock."""

    def __init__(self, folder):
        source, library = os.path.join(folder, "clock.c"), os.path.join(folder, "clock.so")
        self._files = {name: os.path.join(folder, name) for name in ("CLOCK_STEP", "CLOCK_LEAP")}
        with open(source, "w") as file:
            file.write(SOURCE)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True, capture_output=True)
        self.step(0)
        self.leap(0)
        self.prefix = ["env", "LD_PRELOAD=" + ":".join([*address_sanitizer(), library]), *(f"{name}={at}" for name, at in self._files.items())]

    def step(self, seconds):
        """The wall clock alone is ahead by SECONDS from now on."""
        self._set("CLOCK_STEP", seconds)

    def leap(self, seconds):
        """All clocks but that of the wall are ahead by SECONDS from now on."""
        self._set("CLOCK_LEAP", seconds)

    def _set(self, name, seconds):
        # Put in place whole: an empty file, between opening and writing, would be a step back.
        with open(self._files[name] + "~", "w") as file:
            file.write(f"{seconds}\n")
        os.rename(self._files[name] + "~", self._files[name])


def address_sanitizer():
    """The library of AddressSanitizer where this build has it: that wants to be the first of all, or ends the program. What it puts in
    place of the clock's functions asks the next library for the time, which is ours."""
    linked = subprocess.run(["ldd", os.path.join(BIN, "meridian-healthcheck")], check=True, capture_output=True, text=True).stdout
    return re.findall(r"=> (\S*/libasan\.so\S*)", linked)
