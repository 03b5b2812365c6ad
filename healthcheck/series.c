/* Knows how minutes go from the loop to the writer, and how questions come back. */
#include "healthcheck/series.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"
#include "healthcheck/series_file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
	MS_PER_MINUTE = 60000,
	QUEUE_MAX = 200000, /* points; a disk that hangs costs no more memory than that */
	WRITE_EVERY_S = 5,
	WRITER_NICE = 10,
	MS_PER_DAY = 86400000
};

struct question {
	uv_work_t work;
	struct series *series;
	struct control *control;
	struct control_ticket ticket;
	char *id, *key;
	enum series_step step;
	int64_t since_ms, until_ms;
	json_t *points;
	struct error error;
};

struct series {
	uv_loop_t *loop;
	char *path;
	pthread_t writer;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct series_point *queue;
	size_t count, capacity;
	uint64_t lost;
	bool ending;
	/* the loop's */
	bool closed;
	unsigned asked;
};

static void free_points(struct series_point *points, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(points[i].key);
	free(points);
}

/* Takes the queue when it is time, or at the end; false when there is nothing more to do. */
static bool take_queue(struct series *series, struct series_point **points, size_t *count)
{
	struct timespec until;
	pthread_mutex_lock(&series->lock);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WRITE_EVERY_S;
	while (!series->ending && pthread_cond_timedwait(&series->wake, &series->lock, &until) == 0)
		;
	*points = series->queue;
	*count = series->count;
	series->queue = NULL;
	series->count = series->capacity = 0;
	bool more = !series->ending;
	pthread_mutex_unlock(&series->lock);
	return more;
}

static void note_lost(struct series *series, size_t count, const struct error *error, bool *told)
{
	if (!*told)
		log_error("latency and availability are not kept: %s", error->text);
	*told = true;
	pthread_mutex_lock(&series->lock);
	series->lost += count;
	pthread_mutex_unlock(&series->lock);
}

static void *write_all(void *argument)
{
	struct series *series = argument;
	struct error first;
	/* This thread's alone: whoever shares its core with the loop gives way to checks. */
	setpriority(PRIO_PROCESS, 0, WRITER_NICE);
	struct series_file *file = series_file_open(series->path, &first); /* to be read from */
	bool told = false, more = true;
	while (more) {
		struct series_point *points;
		struct error error = {.text = ""};
		size_t count;
		more = take_queue(series, &points, &count);
		if (file == NULL && count > 0)
			file = series_file_open(series->path, &error);
		if (count > 0 && (file == NULL ||
				  !series_file_write(file, points, count, wall_now_ms(), &error))) {
			note_lost(series, count, &error, &told);
			series_file_close(file);
			file = NULL;
		} else if (count > 0) {
			told = false;
		}
		free_points(points, count);
	}
	series_file_close(file);
	return NULL;
}

struct series *series_open(uv_loop_t *loop, const char *path)
{
	struct series *series = mem_new(struct series);
	pthread_condattr_t attributes;
	series->loop = loop;
	series->path = mem_strdup(path);
	pthread_mutex_init(&series->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&series->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&series->writer, NULL, write_all, series) != 0)
		abort(); /* as in mem.h */
	return series;
}

static void end(struct series *series)
{
	if (!series->closed || series->asked > 0)
		return;
	pthread_cond_destroy(&series->wake);
	pthread_mutex_destroy(&series->lock);
	free(series->path);
	free(series);
}

void series_close(struct series *series)
{
	if (series == NULL)
		return;
	pthread_mutex_lock(&series->lock);
	series->ending = true;
	pthread_cond_signal(&series->wake);
	pthread_mutex_unlock(&series->lock);
	pthread_join(series->writer, NULL);
	series->closed = true;
	end(series);
}

static void push(struct series *series, const char *id, const struct series_minute *minute)
{
	struct series_point point = {.minute = minute->minute,
				     .checks = minute->checks,
				     .passed = minute->passed,
				     .mean_us = (uint32_t)(minute->sum_us / minute->checks)};
	pthread_mutex_lock(&series->lock);
	if (series->count == QUEUE_MAX) {
		series->lost++;
	} else {
		if (series->count == series->capacity) {
			series->capacity = series->capacity > 0 ? 2 * series->capacity : 256;
			series->queue =
				mem_resize(series->queue, series->capacity, sizeof *series->queue);
		}
		point.key = mem_strdup(id);
		series->queue[series->count++] = point;
	}
	pthread_mutex_unlock(&series->lock);
}

void series_add(struct series *series, const char *id, struct series_minute *now, int64_t time_ms,
		const struct probe_result *result)
{
	int64_t minute = time_ms / MS_PER_MINUTE;
	if (series == NULL)
		return;
	if (now->checks > 0 && (now->minute != minute || now->checks == UINT16_MAX))
		push(series, id, now);
	if (now->minute != minute || now->checks == UINT16_MAX)
		*now = (struct series_minute){.minute = minute};
	if (result->outcome == PROBE_SAYS_NOTHING)
		return;
	now->checks++;
	now->passed = (uint16_t)(now->passed + (result->outcome == PROBE_PASSED));
	now->sum_us += result->phases.total_us;
}

static void read_in_thread(uv_work_t *work)
{
	struct question *question = work->data;
	question->points =
		series_file_read(question->series->path, question->key, question->step,
				 question->since_ms, question->until_ms, &question->error);
}

static void on_read(uv_work_t *work, int status)
{
	struct question *question = work->data;
	struct series *series = question->series;
	(void)status;
	series->asked--;
	if (series->closed)
		json_decref(question->points);
	else if (question->points == NULL)
		control_answer(question->control, question->ticket,
			       control_failure("%s", question->error.text));
	else
		control_answer(question->control, question->ticket,
			       json_pack("{s:s, s:s, s:o}", "id", question->id, "step",
					 question->step == SERIES_MINUTE ? "minute" : "hour",
					 "points", question->points));
	free(question->id);
	free(question->key);
	free(question);
	end(series);
}

/* The time that ARGS has under NAME; FALLBACK where it has none. */
static bool time_in(const json_t *args, const char *name, int64_t fallback, int64_t *ms)
{
	const char *text = json_string_value(json_object_get(args, name));
	*ms = fallback;
	return text == NULL || wall_parse(text, ms);
}

json_t *series_answer(struct series *series, struct control *control, const char *key,
		      const json_t *args)
{
	const char *step = json_string_value(json_object_get(args, "step"));
	int64_t now = wall_now_ms(), since_ms, until_ms;
	bool hours = step != NULL && strcmp(step, "hour") == 0;
	if (step != NULL && !hours && strcmp(step, "minute") != 0)
		return control_failure("\"step\" is neither \"minute\" nor \"hour\"");
	if (!time_in(args, "since", now - (hours ? 30 : 1) * (int64_t)MS_PER_DAY, &since_ms) ||
	    !time_in(args, "until", now, &until_ms))
		return control_failure("\"since\" or \"until\" is no time as in "
				       "2026-01-02T03:04:05Z");
	struct question *question = mem_new(struct question);
	question->work.data = question;
	question->series = series;
	question->control = control;
	question->ticket = control_defer(control);
	question->id = mem_strdup(json_string_value(json_object_get(args, "id")));
	question->key = mem_strdup(key);
	question->step = hours ? SERIES_HOUR : SERIES_MINUTE;
	question->since_ms = since_ms;
	question->until_ms = until_ms;
	series->asked++;
	uv_queue_work(series->loop, &question->work, read_in_thread, on_read);
	return NULL;
}

uint64_t series_lost(const struct series *series)
{
	struct series *writable = (struct series *)(uintptr_t)series;
	pthread_mutex_lock(&writable->lock);
	uint64_t lost = series->lost;
	pthread_mutex_unlock(&writable->lock);
	return lost;
}
