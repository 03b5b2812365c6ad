/* Knows how the file of cookie secrets is made, and when it has to be read again. */
#include "geodns/secrets.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 4096 };

static void make_secret(uint8_t secret[SIPHASH_KEY_LEN])
{
	/* So few octets are never cut short, and the call cannot fail once the system is up. */
	if (getrandom(secret, SIPHASH_KEY_LEN, 0) != SIPHASH_KEY_LEN)
		abort();
}

static bool write_all(int fd, const char *text, size_t len)
{
	return write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
}

/* A file that is there is left alone; a reader never sees half of a new one. */
static bool make_file(const char *path, struct error *error)
{
	if (access(path, F_OK) == 0)
		return true;
	uint8_t secret[SIPHASH_KEY_LEN];
	char hex[2 * SIPHASH_KEY_LEN + 2], *at = hex;
	make_secret(secret);
	for (size_t i = 0; i < sizeof secret; i++)
		at += sprintf(at, "%02x", secret[i]);
	*at++ = '\n';
	char *draft = mem_printf("%s.%d", path, (int)getpid());
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write_all(fd, hex, (size_t)(at - hex)) &&
		    (link(draft, path) == 0 || errno == EEXIST);
	if (!good)
		error_set_errno(error, "cannot make the file of cookie secrets %s", path);
	if (fd >= 0) {
		close(fd);
		unlink(draft);
	}
	free(draft);
	return good;
}

static bool is_new(struct secrets *secrets)
{
	struct stat status;
	int64_t stamp[3] = {0};
	if (stat(secrets->path, &status) == 0) {
		stamp[0] = (int64_t)status.st_ino;
		stamp[1] = status.st_size;
		stamp[2] = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
	}
	if (memcmp(stamp, secrets->stamp, sizeof stamp) == 0)
		return false;
	memcpy(secrets->stamp, stamp, sizeof stamp);
	return true;
}

static bool read_text(const char *path, char text[FILE_MAX], struct error *error)
{
	FILE *file = fopen(path, "re");
	size_t len = file != NULL ? fread(text, 1, FILE_MAX - 1, file) : 0;
	if (file == NULL || ferror(file))
		error_set_errno(error, "cannot read the cookie secrets of %s", path);
	bool good = file != NULL && !ferror(file);
	if (file != NULL)
		fclose(file);
	text[len] = '\0';
	return good;
}

static struct cookie_secrets *read_secrets(const char *path, struct error *error)
{
	char text[FILE_MAX];
	unsigned line;
	struct cookie_secrets *read = mem_new(struct cookie_secrets);
	if (!read_text(path, text, error)) {
		free(read);
		return NULL;
	}
	if (cookie_read_secrets(text, read, &line))
		return read;
	if (line == 0)
		error_set(error, "%s holds no cookie secret; give one of 32 hexadecimal digits",
			  path);
	else
		error_set(error,
			  "%s: line %u is no cookie secret; wanted are up to %d lines of 32 "
			  "hexadecimal digits",
			  path, line, COOKIE_SECRETS_MAX);
	free(read);
	return NULL;
}

struct cookie_secrets *secrets_open(struct secrets *secrets, const char *path)
{
	*secrets = (struct secrets){.path = path};
	struct cookie_secrets *first = NULL;
	if (make_file(path, &secrets->problem)) {
		(void)is_new(secrets);
		first = read_secrets(path, &secrets->problem);
	}
	if (first != NULL)
		return first;
	log_warning("cookies are made with a secret of this process alone: %s",
		    secrets->problem.text);
	first = mem_new(struct cookie_secrets);
	first->count = 1;
	make_secret(first->at[0]);
	return first;
}

struct cookie_secrets *secrets_follow(struct secrets *secrets)
{
	struct error error = {""};
	if (!is_new(secrets))
		return NULL;
	struct cookie_secrets *read = read_secrets(secrets->path, &error);
	secrets->problem = error;
	if (read == NULL)
		log_warning("the cookie secrets stay as they were: %s", error.text);
	else
		log_notice("cookie secrets are read again count=%u", read->count);
	return read;
}
