/* Knows where the controller's sign of life lies, and how it is read. */
#include "bgpctl/heartbeat.h"

#include "base/mem.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEXT_MAX = 32 };

static char *path_of(const struct instance *instance)
{
	return mem_printf("%s/heartbeat", instance->bird_dir);
}

void heartbeat_open(struct heartbeat *heartbeat, const struct instance *instance)
{
	*heartbeat = (struct heartbeat){.path = path_of(instance), .fd = -1};
}

void heartbeat_beat(struct heartbeat *heartbeat, struct mono now)
{
	char text[TEXT_MAX];
	/* Of fixed length, so that one write replaces all of what stood there. */
	int len = snprintf(text, sizeof text, "%020" PRId64 "\n", now.ns);
	if (heartbeat->fd < 0)
		heartbeat->fd =
			open(heartbeat->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (heartbeat->fd >= 0 && pwrite(heartbeat->fd, text, (size_t)len, 0) != len) {
		close(heartbeat->fd);
		heartbeat->fd = -1;
	}
}

void heartbeat_close(struct heartbeat *heartbeat, bool ended)
{
	if (ended && heartbeat->path != NULL)
		(void)unlink(heartbeat->path);
	if (heartbeat->path != NULL && heartbeat->fd >= 0)
		close(heartbeat->fd);
	free(heartbeat->path);
	*heartbeat = (struct heartbeat){.fd = -1};
}

bool heartbeat_age(const struct instance *instance, struct mono now, int64_t *age_ms)
{
	char text[TEXT_MAX] = "";
	struct mono then;
	char *path = path_of(instance);
	FILE *file = fopen(path, "re");
	free(path);
	if (file == NULL)
		return false;
	bool read =
		fgets(text, sizeof text, file) != NULL && sscanf(text, "%" SCNd64, &then.ns) == 1;
	fclose(file);
	if (!read || then.ns <= 0 || then.ns > now.ns)
		return false;
	*age_ms = mono_ms_between(then, now);
	return true;
}
