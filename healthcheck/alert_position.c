/* Knows the file of a receiver's position. */
#include "healthcheck/alert_position.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CURSOR_MAX = 4096, FILE_MODE = 0640 };

/* Before the cursor, which is empty where there was no journal yet. */
static const char mark[] = "after ";

/* No ".db" at its end, as it is no journal. */
static char *path_of(const char *folder, const char *name, const char *end)
{
	return mem_printf("%s/alert-%s.position%s", folder, name, end);
}

char *alert_position_read(const char *folder, const char *name)
{
	char cursor[CURSOR_MAX] = "", *path = path_of(folder, name, "");
	FILE *file = fopen(path, "re");
	if (file != NULL) {
		if (fgets(cursor, sizeof cursor, file) == NULL)
			cursor[0] = '\0';
		fclose(file);
	}
	free(path);
	cursor[strcspn(cursor, "\n")] = '\0';
	return strncmp(cursor, mark, sizeof mark - 1) == 0 ? mem_strdup(cursor + sizeof mark - 1)
							   : NULL;
}

static bool write_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool written = fprintf(file, "%s%s\n", mark, text) > 0;
	return fclose(file) == 0 && written;
}

bool alert_position_write(const char *folder, const char *name, const char *cursor)
{
	char *path = path_of(folder, name, ""), *fresh = path_of(folder, name, ".new");
	bool written = write_line(fresh, cursor) && rename(fresh, path) == 0;
	if (!written) {
		struct error error;
		error_set_errno(&error, "%s cannot be written", path);
		log_debug("alert %s begins with now after a restart: %s", name, error.text);
		unlink(fresh);
	}
	free(path);
	free(fresh);
	return written;
}

void alert_position_forget(const char *folder, const char *name)
{
	char *path = path_of(folder, name, "");
	unlink(path);
	free(path);
}
