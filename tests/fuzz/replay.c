/* Feeds the files named on the command line, and those in the folders named there, to a fuzzer: a
 * corpus as a test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

static int replay_file(const char *path, size_t size)
{
	/* The input ends where its heap block ends, so that a sanitizer sees a read beyond. */
	uint8_t *data = malloc(size > 0 ? size : 1);
	FILE *file = fopen(path, "rb");
	int status = 1;
	if (data != NULL && file != NULL && fread(data, 1, size, file) == size) {
		LLVMFuzzerTestOneInput(data, size);
		replayed++;
		status = 0;
	} else {
		perror(path);
	}
	if (file != NULL)
		fclose(file);
	free(data);
	return status;
}

static int replay(const char *path)
{
	struct stat about;
	if (stat(path, &about) != 0) {
		perror(path);
		return 1;
	}
	if (!S_ISDIR(about.st_mode))
		return replay_file(path, (size_t)about.st_size);
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort), status = count < 0;
	for (int i = 0; i < count; i++) {
		char *inside = NULL;
		if (entries[i]->d_name[0] != '.' &&
		    asprintf(&inside, "%s/%s", path, entries[i]->d_name) > 0)
			status |= replay(inside);
		free(inside);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return status;
}

int main(int argc, char **argv)
{
	int status = argc < 2;
	for (int i = 1; i < argc; i++)
		status |= replay(argv[i]);
	printf("%u inputs replayed\n", replayed);
	return status != 0 || replayed == 0;
}
