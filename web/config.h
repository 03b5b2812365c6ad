/*
 * config: the configuration store as the web daemon uses it: one handle that reads, one that
 * writes, and the newest model. Thread-safe.
 *
 * While the store cannot be read the last good model stays and config_trouble() says since when and
 * why.
 */
#ifndef MERIDIAN_WEB_CONFIG_H
#define MERIDIAN_WEB_CONFIG_H

#include "db/store.h"

struct config;

struct config_trouble {
	bool stale;
	int64_t since_ms; /* of the present state */
	char error[512];
};

/* Never fails: what cannot be opened now is tried again at each use. PATH is borrowed. */
struct config *config_open(const char *path);
void config_close(struct config *config);

/* The newest model that can be had, referenced; never NULL. */
struct model *config_model(struct config *config);
struct config_trouble config_trouble(struct config *config);

/* The reading or the writing handle, held until config_release(); NULL with ERROR. One thread must
 * not hold both. */
struct store *config_reader(struct config *config, struct error *error);
struct store *config_writer(struct config *config, struct error *error);
void config_release(struct config *config, struct store *store);

#endif
