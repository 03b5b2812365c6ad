/* Knows which files BIRD reads for its configuration, and how "include" leads from one to others.
 */
#include "bgpctl/bird_conf.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_SIZE_MAX = 64 << 20 };

static void file_fini(struct bird_conf_file *file)
{
	for (size_t i = 0; i < file->include_count; i++)
		free(file->includes[i]);
	free(file->includes);
	free(file->path);
	*file = (struct bird_conf_file){0};
}

static void forget(struct bird_conf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		file_fini(&conf->at[i]);
	free(conf->at);
	conf->at = NULL;
	conf->count = 0;
}

void bird_conf_fini(struct bird_conf *conf)
{
	forget(conf);
	free(conf->path);
	conf->path = NULL;
}

void bird_conf_begin(struct bird_conf *conf, const char *path)
{
	if (conf->path != NULL && strcmp(conf->path, path) == 0)
		return;
	bird_conf_fini(conf);
	conf->path = mem_strdup(path);
}

/* As BIRD's own reader takes it: alone on its line, and ended by a semicolon there. */
char *bird_conf_included(const char *line, const char *folder)
{
	static const char word[] = "include";
	line += strspn(line, " \t");
	if (strncmp(line, word, sizeof word - 1) != 0)
		return NULL;
	line += sizeof word - 1;
	line += strspn(line, " \t");
	if (*line++ != '"')
		return NULL;
	size_t len = strcspn(line, "\"\n");
	if (len == 0 || line[len] != '"')
		return NULL;
	const char *end = line + len + 1;
	if (end[strspn(end, " \t")] != ';')
		return NULL;
	return *line == '/' ? mem_printf("%.*s", (int)len, line)
			    : mem_printf("%s/%.*s", folder, (int)len, line);
}

static void find_includes(struct bird_conf_file *file, const char *text)
{
	char *copy = mem_strdup(file->path);
	const char *folder = dirname(copy);
	for (const char *line = text; line != NULL && *line != '\0';) {
		char *pattern = bird_conf_included(line, folder);
		if (pattern != NULL) {
			file->includes = mem_resize(file->includes, file->include_count + 1,
						    sizeof *file->includes);
			file->includes[file->include_count++] = pattern;
		}
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	free(copy);
}

static struct bird_conf_key key_of(const struct stat *about)
{
	const int64_t second = INT64_C(1000000000);
	return (struct bird_conf_key){
		.device = about->st_dev,
		.inode = about->st_ino,
		.size = about->st_size,
		.modified_ns = about->st_mtim.tv_sec * second + about->st_mtim.tv_nsec,
		.changed_ns = about->st_ctim.tv_sec * second + about->st_ctim.tv_nsec,
	};
}

static bool same_key(const struct bird_conf_key *a, const struct bird_conf_key *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

/* One round through all files. */
struct walk {
	struct bird_conf *old; /* files that are still the same are taken from here */
	struct bird_conf found;
	const char *own;
	struct stat own_about; /* all zeros: there is none */
	struct error *error;
};

static bool is_own(const struct walk *walk, const char *path, const struct stat *about)
{
	return strcmp(path, walk->own) == 0 ||
	       (walk->own_about.st_ino != 0 && about->st_ino == walk->own_about.st_ino &&
		about->st_dev == walk->own_about.st_dev);
}

static bool has_file(const struct bird_conf *conf, const char *path)
{
	for (size_t i = 0; i < conf->count; i++)
		if (conf->at[i].path != NULL && strcmp(conf->at[i].path, path) == 0)
			return true;
	return false;
}

static bool read_file(int fd, struct bird_conf_file *file, struct error *error)
{
	size_t size = (size_t)file->key.size;
	if (file->key.size > FILE_SIZE_MAX) {
		error_set(error, "BIRD's configuration %s is too large to be watched", file->path);
		return false;
	}
	char *text = mem_array(size + 1, 1);
	ssize_t got = read(fd, text, size);
	if (got < 0) {
		error_set_errno(error, "BIRD's configuration %s cannot be read", file->path);
	} else {
		text[got] = '\0';
		digest_hex(text, (size_t)got, file->digest);
		find_includes(file, text);
	}
	free(text);
	return got >= 0;
}

/* Takes PATH with what is known of it, or reads it. */
static bool take_file(struct walk *walk, const char *path, int fd, const struct stat *about)
{
	struct bird_conf *found = &walk->found;
	const struct bird_conf_key key = key_of(about);
	found->at = mem_resize(found->at, found->count + 1, sizeof *found->at);
	struct bird_conf_file *file = &found->at[found->count++];
	*file = (struct bird_conf_file){0};
	for (size_t i = 0; i < walk->old->count; i++) {
		struct bird_conf_file *old = &walk->old->at[i];
		if (old->path == NULL || strcmp(old->path, path) != 0 || !same_key(&old->key, &key))
			continue;
		*file = *old;
		*old = (struct bird_conf_file){0};
		return true;
	}
	file->path = mem_strdup(path);
	file->key = key;
	return read_file(fd, file, walk->error);
}

static bool walk_file(struct walk *walk, const char *path, int depth);

static bool walk_includes(struct walk *walk, size_t index, int depth)
{
	bool ok = true;
	for (size_t i = 0; ok && i < walk->found.at[index].include_count; i++) {
		glob_t paths;
		if (glob(walk->found.at[index].includes[i], GLOB_NOESCAPE, NULL, &paths) != 0)
			continue; /* none: BIRD says so itself where one must be there */
		for (size_t k = 0; ok && k < paths.gl_pathc; k++)
			ok = walk_file(walk, paths.gl_pathv[k], depth + 1);
		globfree(&paths);
	}
	return ok;
}

static bool walk_file(struct walk *walk, const char *path, int depth)
{
	struct stat about;
	if (depth > BIRD_CONF_DEPTH_MAX || walk->found.count >= BIRD_CONF_FILES_MAX ||
	    has_file(&walk->found, path))
		return true;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &about) != 0) {
		error_set_errno(walk->error, "BIRD's configuration %s cannot be read", path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	bool ok = true;
	if (S_ISREG(about.st_mode) && !is_own(walk, path, &about)) {
		size_t index = walk->found.count;
		ok = take_file(walk, path, fd, &about) && walk_includes(walk, index, depth);
	}
	close(fd);
	return ok;
}

bool bird_conf_refresh(struct bird_conf *conf, const char *own, struct error *error)
{
	struct bird_conf old = *conf;
	struct walk walk = {.old = &old, .own = own, .error = error};
	if (conf->path == NULL)
		return true;
	if (conf->path[0] != '/') {
		error_set(error,
			  "BIRD was started with the relative path %s, so that changes of its "
			  "configuration are not noticed",
			  conf->path);
		return false;
	}
	if (stat(own, &walk.own_about) != 0)
		walk.own_about = (struct stat){0};
	bool ok = walk_file(&walk, conf->path, 0);
	forget(&old);
	conf->at = walk.found.at;
	conf->count = walk.found.count;
	if (!ok)
		forget(conf);
	return ok;
}

char *bird_conf_listing(const struct bird_conf *conf)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return mem_strdup("");
	for (size_t i = 0; i < conf->count; i++)
		fprintf(out, "%s %s\n", conf->at[i].digest, conf->at[i].path);
	fclose(out);
	return text;
}
