/* Knows the queue between the control thread and the thread that compiles. */
#include "geodns/mapmaker.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct job {
	struct job *next;
	void *owner;
	const struct steer *steer;
	struct atlas *atlas;
	struct compiled *compiled; /* NULL until it is done */
};

struct queue {
	struct job *first, **last;
};

struct mapmaker {
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t asked;
	struct queue todo, done;
	bool ending;
	int fd;
};

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void queue_put(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
}

static struct job *queue_take(struct queue *queue)
{
	struct job *job = queue->first;
	if (job != NULL) {
		queue->first = job->next;
		if (queue->first == NULL)
			queue->last = &queue->first;
	}
	return job;
}

static void tell(const struct mapmaker *mapmaker)
{
	uint64_t one = 1;
	ssize_t written = write(mapmaker->fd, &one, sizeof one);
	(void)written; /* full means that it is readable already */
}

static void *compile_all(void *context)
{
	struct mapmaker *mapmaker = context;
	struct geomap_scratch *scratch = NULL; /* while there is more than one job */
	pthread_mutex_lock(&mapmaker->lock);
	while (!mapmaker->ending) {
		struct job *job = queue_take(&mapmaker->todo);
		if (job == NULL) {
			geomap_scratch_free(scratch);
			scratch = NULL;
			pthread_cond_wait(&mapmaker->asked, &mapmaker->lock);
			continue;
		}
		pthread_mutex_unlock(&mapmaker->lock);
		if (scratch == NULL)
			scratch = geomap_scratch_new();
		job->compiled = compiled_new(job->steer, job->atlas->table, job->atlas->overrides,
					     job->atlas->override_count, scratch);
		pthread_mutex_lock(&mapmaker->lock);
		queue_put(&mapmaker->done, job);
		tell(mapmaker);
	}
	pthread_mutex_unlock(&mapmaker->lock);
	geomap_scratch_free(scratch);
	return NULL;
}

/* Signals go to the control thread. */
static int start_thread(struct mapmaker *mapmaker)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&mapmaker->thread, NULL, compile_all, mapmaker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

struct mapmaker *mapmaker_new(struct error *error)
{
	struct mapmaker *mapmaker = mem_new(struct mapmaker);
	queue_init(&mapmaker->todo);
	queue_init(&mapmaker->done);
	pthread_mutex_init(&mapmaker->lock, NULL);
	pthread_cond_init(&mapmaker->asked, NULL);
	mapmaker->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (mapmaker->fd >= 0 && start_thread(mapmaker) == 0)
		return mapmaker;
	error_set_errno(error, "the thread that compiles maps cannot be started");
	if (mapmaker->fd >= 0)
		close(mapmaker->fd);
	free(mapmaker);
	return NULL;
}

static void free_jobs(struct queue *queue)
{
	for (struct job *job = queue_take(queue); job != NULL; job = queue_take(queue)) {
		compiled_free(job->compiled);
		atlas_unref(job->atlas);
		free(job);
	}
}

void mapmaker_free(struct mapmaker *mapmaker)
{
	if (mapmaker == NULL)
		return;
	pthread_mutex_lock(&mapmaker->lock);
	mapmaker->ending = true;
	pthread_cond_signal(&mapmaker->asked);
	pthread_mutex_unlock(&mapmaker->lock);
	pthread_join(mapmaker->thread, NULL);
	free_jobs(&mapmaker->todo);
	free_jobs(&mapmaker->done);
	pthread_cond_destroy(&mapmaker->asked);
	pthread_mutex_destroy(&mapmaker->lock);
	close(mapmaker->fd);
	free(mapmaker);
}

int mapmaker_fd(const struct mapmaker *mapmaker)
{
	return mapmaker->fd;
}

void mapmaker_ask(struct mapmaker *mapmaker, void *owner, const struct steer *steer,
		  struct atlas *atlas)
{
	struct job *job = mem_new(struct job);
	*job = (struct job){.owner = owner, .steer = steer, .atlas = atlas_ref(atlas)};
	pthread_mutex_lock(&mapmaker->lock);
	queue_put(&mapmaker->todo, job);
	pthread_cond_signal(&mapmaker->asked);
	pthread_mutex_unlock(&mapmaker->lock);
}

bool mapmaker_take(struct mapmaker *mapmaker, void **owner, struct compiled **compiled,
		   struct atlas **atlas)
{
	uint64_t count;
	ssize_t got = read(mapmaker->fd, &count, sizeof count);
	(void)got; /* nothing to read: then there may still be more than one done */
	pthread_mutex_lock(&mapmaker->lock);
	struct job *job = queue_take(&mapmaker->done);
	pthread_mutex_unlock(&mapmaker->lock);
	if (job == NULL)
		return false;
	*owner = job->owner;
	*compiled = job->compiled;
	*atlas = job->atlas;
	free(job);
	return true;
}
