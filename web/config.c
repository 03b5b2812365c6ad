/* Knows how the web daemon's threads share the store. */
#include "web/config.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/wall.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct config {
	const char *path;
	pthread_mutex_t read_mutex;  /* of READER, MODEL and TROUBLE */
	pthread_mutex_t write_mutex; /* of WRITER */
	struct store *reader;
	/* Written under WRITE_MUTEX, read by whoever releases a handle (config_release). */
	_Atomic(struct store *) writer;
	struct model *model;
	struct config_trouble trouble;
};

struct config *config_open(const char *path)
{
	struct config *config = mem_new(struct config);
	config->path = path;
	pthread_mutex_init(&config->read_mutex, NULL);
	pthread_mutex_init(&config->write_mutex, NULL);
	config->model = model_new();
	config->trouble.since_ms = wall_now_ms();
	struct error error;
	struct store *store = config_writer(config, &error); /* creates the file */
	if (store != NULL)
		config_release(config, store);
	model_unref(config_model(config));
	return config;
}

void config_close(struct config *config)
{
	if (config->reader != NULL)
		store_close(config->reader);
	if (config->writer != NULL)
		store_close(config->writer);
	model_unref(config->model);
	pthread_mutex_destroy(&config->read_mutex);
	pthread_mutex_destroy(&config->write_mutex);
	free(config);
}

static void note_good(struct config *config)
{
	if (!config->trouble.stale)
		return;
	log_notice("the configuration can be read again path=%s", config->path);
	config->trouble = (struct config_trouble){.since_ms = wall_now_ms()};
}

static void note_bad(struct config *config, const struct error *error)
{
	if (!config->trouble.stale) {
		log_warning("the configuration cannot be read, the last one is kept: %s",
			    error->text);
		config->trouble.stale = true;
		config->trouble.since_ms = wall_now_ms();
	}
	snprintf(config->trouble.error, sizeof config->trouble.error, "%s", error->text);
}

/* Under read_mutex. */
static bool refresh(struct config *config, struct error *error)
{
	if (config->reader == NULL)
		config->reader = store_open(config->path, STORE_READ, error);
	if (config->reader == NULL)
		return false;
	struct moved *moved = NULL;
	size_t count = 0;
	struct model *model =
		config->model->revision == 0
			? store_load(config->reader, error)
			: store_refresh(config->reader, config->model, &moved, &count, error);
	moved_free(moved, count);
	if (model == NULL)
		return false;
	model_unref(config->model);
	config->model = model;
	return true;
}

static void refresh_and_note(struct config *config)
{
	struct error error = {0};
	if (refresh(config, &error))
		note_good(config);
	else
		note_bad(config, &error);
}

struct model *config_model(struct config *config)
{
	pthread_mutex_lock(&config->read_mutex);
	refresh_and_note(config);
	struct model *model = model_ref(config->model);
	pthread_mutex_unlock(&config->read_mutex);
	return model;
}

struct config_trouble config_trouble(struct config *config)
{
	pthread_mutex_lock(&config->read_mutex);
	struct config_trouble trouble = config->trouble;
	pthread_mutex_unlock(&config->read_mutex);
	return trouble;
}

struct store *config_reader(struct config *config, struct error *error)
{
	pthread_mutex_lock(&config->read_mutex);
	refresh_and_note(config);
	if (config->reader != NULL)
		return config->reader;
	error_set(error, "%s", config->trouble.error);
	pthread_mutex_unlock(&config->read_mutex);
	return NULL;
}

struct store *config_writer(struct config *config, struct error *error)
{
	pthread_mutex_lock(&config->write_mutex);
	if (config->writer == NULL)
		config->writer = store_open(config->path, STORE_WRITE, error);
	if (config->writer == NULL)
		pthread_mutex_unlock(&config->write_mutex);
	return config->writer;
}

void config_release(struct config *config, struct store *store)
{
	pthread_mutex_unlock(store == config->writer ? &config->write_mutex : &config->read_mutex);
}
