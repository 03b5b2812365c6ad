/* Knows what the file that BIRD includes looks like, and how it is replaced in one step. */
#include "bgpctl/include.h"

#include "base/mem.h"
#include "base/mono.h"
#include "base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char marker[] = "# meridian: announcements of this site, generation ";
enum { INCLUDE_SIZE_MAX = 16 << 20 };

static int by_prefix(const void *a, const void *b)
{
	const struct include_entry *left = a, *right = b;
	return prefix_compare(&left->prefix, &right->prefix);
}

/* A reason may quote what others sent: nothing of it may end the comment it stands in. */
static void print_reason(FILE *out, const char *reason)
{
	for (; *reason != '\0'; reason++)
		fputc((unsigned char)*reason < ' ' || *reason == 0x7f ? ' ' : *reason, out);
	fputc('\n', out);
}

static void print_entry(FILE *out, const struct include_entry *entry)
{
	char net[PREFIX_TEXT_MAX];
	prefix_format(&entry->prefix, net);
	fprintf(out, "\t# %s %s: ", net, level_name(entry->level));
	print_reason(out, entry->reason);
	if (entry->level != LEVEL_NONE)
		fprintf(out,
			"\troute %s unreachable { bgp_large_community.add((MERIDIAN_AS, %d, %d)); "
			"};\n",
			net, LEVEL_TAG, (int)entry->level);
}

static void print_family(FILE *out, const struct include_entry *entries, size_t count, int family)
{
	fprintf(out, "\nprotocol static meridian%d {\n\tipv%d;\n", family, family);
	for (size_t i = 0; i < count; i++)
		if (entries[i].prefix.addr.family == family)
			print_entry(out, &entries[i]);
	fprintf(out, "}\n");
}

char *include_render(struct include_entry *entries, size_t count, uint64_t generation,
		     const char *time)
{
	char *text = NULL;
	size_t len = 0;
	if (count > 0)
		qsort(entries, count, sizeof *entries, by_prefix);
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return mem_strdup("");
	fprintf(out, "%s%" PRIu64 "\n", marker, generation);
	fprintf(out, "# Written at %s by meridian-bgpctl, which replaces it whole: do not edit.\n",
		time);
	print_family(out, entries, count, ADDR_IPV4);
	print_family(out, entries, count, ADDR_IPV6);
	fclose(out);
	return text;
}

char *include_at_generation(const char *text, uint64_t generation)
{
	const char *rest = strchr(text, '\n');
	return mem_printf("%s%" PRIu64 "%s", marker, generation, rest != NULL ? rest : "\n");
}

static bool parse_route(const char *line, struct include_entry *entry)
{
	char net[PREFIX_TEXT_MAX];
	unsigned kind, tag;
	memset(entry, 0, sizeof *entry);
	return sscanf(line,
		      " route %49s unreachable { bgp_large_community.add((MERIDIAN_AS, %u, %u)",
		      net, &kind, &tag) == 3 &&
	       kind == LEVEL_TAG && level_from_tag(tag, &entry->level) &&
	       prefix_parse(net, &entry->prefix, NULL);
}

bool include_parse(const char *text, struct include_entry **entries, size_t *count,
		   uint64_t *generation)
{
	*entries = NULL;
	*count = 0;
	*generation = 0;
	if (strncmp(text, marker, sizeof marker - 1) != 0)
		return false;
	*generation = strtoull(text + sizeof marker - 1, NULL, 10);
	while ((text = strchr(text, '\n')) != NULL) {
		struct include_entry entry;
		text++;
		if (strncmp(text, "\troute ", 7) != 0 || !parse_route(text, &entry))
			continue;
		*entries = mem_resize(*entries, *count + 1, sizeof **entries);
		(*entries)[(*count)++] = entry;
	}
	return true;
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		ssize_t done = write(fd, text, left);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		text += done;
		left -= (size_t)done;
	}
	return true;
}

static int open_folder(const char *path)
{
	char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	return fd;
}

int include_lock(const char *path)
{
	const struct timespec pause = {.tv_nsec = 2 * 1000000};
	struct mono deadline = mono_add_ms(mono_now(), INCLUDE_LOCK_MS);
	int fd = open_folder(path);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || mono_ms_between(mono_now(), deadline) <= 0) {
			close(fd);
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return fd;
}

static void sync_folder(const char *path)
{
	int fd = open_folder(path);
	if (fd >= 0) {
		/* The rename already holds for every reader; only a crash of the machine could
		 * undo it, and then nothing is announced until it is proved again. */
		(void)fsync(fd);
		close(fd);
	}
}

bool include_write(const char *path, const char *text, struct error *error)
{
	/* The name does not end in .conf: it must not match BIRD's include pattern. */
	char *temporary = mem_printf("%s.new", path);
	bool ok = false;
	/* A writer that was stopped in the middle has lost it: it neither writes into what is put
	 * in place here, nor puts its own there afterwards. */
	(void)unlink(temporary);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		error_set_errno(error, "cannot write BIRD's include file %s", temporary);
		goto out;
	}
	if (fchmod(fd, 0644) != 0 || !write_all(fd, text) || fsync(fd) != 0) {
		error_set_errno(error, "cannot write BIRD's include file %s", temporary);
		goto out;
	}
	/* Whose the file is matters to the next writer alone, never to what is announced now. */
	(void)!owner_from_folder(fd, temporary, NULL);
	if (rename(temporary, path) != 0) {
		error_set_errno(error, "cannot replace BIRD's include file %s", path);
		goto out;
	}
	sync_folder(path);
	ok = true;
out:
	if (fd >= 0)
		close(fd);
	if (!ok)
		(void)unlink(temporary);
	free(temporary);
	return ok;
}

char *include_read(const char *path, bool *missing, struct error *error)
{
	struct stat about;
	char *text = NULL;
	*missing = false;
	/* A pipe in its place would be waited for until somebody writes to it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		*missing = errno == ENOENT;
		error_set_errno(error, "cannot read BIRD's include file %s", path);
		return NULL;
	}
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size < 0 ||
	    about.st_size > INCLUDE_SIZE_MAX) {
		error_set(error, "BIRD's include file %s is no file of sensible size", path);
		goto out;
	}
	text = mem_array((size_t)about.st_size + 1, 1);
	ssize_t got = read(fd, text, (size_t)about.st_size);
	if (got < 0) {
		error_set_errno(error, "cannot read BIRD's include file %s", path);
		free(text);
		text = NULL;
		goto out;
	}
	text[got] = '\0';
out:
	close(fd);
	return text;
}
