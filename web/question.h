/* question: calls that are passed on to a daemon, after their body was judged: explain, look up,
 * test.
 */
#ifndef MERIDIAN_WEB_QUESTION_H
#define MERIDIAN_WEB_QUESTION_H

#include "web/app.h"

struct response *question_explain(struct app *app, struct call *call);
struct response *question_geo_lookup(struct app *app, struct call *call);
struct response *question_test_monitor(struct app *app, struct call *call);

#endif
