/*
 * loading: names and zones read from the store and put into service; shared by content.c and
 * loading.c alone.
 */
#ifndef MERIDIAN_GEODNS_LOADING_H
#define MERIDIAN_GEODNS_LOADING_H

#include "geodns/content.h"

enum {
	LOADING_WHOLE_ABOVE = 1000, /* names of one zone; more are read with the whole zone */
	LOADING_BREATHE = 256	    /* names between two breaths */
};

/* Reads the zones marked for it; those that could not be read stay marked. */
bool loading_zones(struct content *content, struct store *store, const struct model *model,
		   struct error *error) __attribute__((warn_unused_result));

/* Makes the names anew that are marked; those that could not be stay marked. */
bool loading_names(struct content *content, struct store *store, const struct model *model,
		   struct error *error) __attribute__((warn_unused_result));

void loading_remove_zone(struct content *content, struct zone_live *zone);

void loading_free_service(struct content_service *service);

#endif
