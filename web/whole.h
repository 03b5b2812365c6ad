/* whole: the configuration as a whole: the document, and its revisions. */
#ifndef MERIDIAN_WEB_WHOLE_H
#define MERIDIAN_WEB_WHOLE_H

#include "web/app.h"

struct response *whole_export(struct app *app, struct call *call);
struct response *whole_apply(struct app *app, struct call *call);

struct response *revision_list(struct app *app, struct call *call);
struct response *revision_get(struct app *app, struct call *call);
struct response *revision_diff(struct app *app, struct call *call);
struct response *revision_rollback(struct app *app, struct call *call);

#endif
