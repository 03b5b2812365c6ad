/* routes: every path of the API, who may call it, and what answers it. */
#ifndef MERIDIAN_WEB_ROUTES_H
#define MERIDIAN_WEB_ROUTES_H

#include "web/router.h"

struct route_table routes(void);

#endif
