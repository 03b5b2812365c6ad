/* Knows the file through which the compiler and the responder speak. */
#include "geodns/refusal.h"

#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path_of(const char *table, const char *more)
{
	return mem_printf("%s.refused%s", table, more);
}

static bool write_text(const char *path, const char *text)
{
	size_t len = strlen(text);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (file < 0)
		return false;
	bool good = write(file, text, len) == (ssize_t)len && fchmod(file, 0644) == 0;
	return close(file) == 0 && good;
}

void refusal_leave(const char *table, const char *why)
{
	char *path = path_of(table, ""), *temporary = path_of(table, ".new");
	if (why == NULL)
		(void)unlink(path);
	else if (!write_text(temporary, why) || rename(temporary, path) != 0)
		(void)unlink(temporary);
	free(temporary);
	free(path);
}

/* Anybody's words by now: cut to what a log takes. */
static void read_text(int file, struct error *why)
{
	ssize_t len = read(file, why->text, sizeof why->text - 1);
	why->text[len > 0 ? len : 0] = '\0';
	for (char *c = why->text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

bool refusal_follow(struct refusal *refusal, const char *table)
{
	char *path = path_of(table, "");
	bool moved = file_stamp_moved(&refusal->stamp, path);
	if (moved) {
		int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		refusal->why = (struct error){""};
		if (file >= 0) {
			read_text(file, &refusal->why);
			close(file);
		}
	}
	free(path);
	return moved;
}
