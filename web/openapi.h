/* openapi: the route table for machines (OpenAPI 3.1). */
#ifndef MERIDIAN_WEB_OPENAPI_H
#define MERIDIAN_WEB_OPENAPI_H

#include "web/app.h"

json_t *openapi_document(const struct route_table *routes);
struct response *openapi_get(struct app *app, struct call *call);

#endif
