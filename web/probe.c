/* Knows when the web daemon is of use. */
#include "web/probe.h"

#include "base/mem.h"

struct response *probe_alive(struct app *app, struct call *call)
{
	(void)app;
	(void)call;
	return response_text(200, "text/plain; charset=utf-8", mem_strdup("ok\n"));
}

struct response *probe_ready(struct app *app, struct call *call)
{
	(void)call;
	model_unref(config_model(app->config));
	struct config_trouble trouble = config_trouble(app->config);
	if (trouble.stale)
		return problem(503, "The configuration cannot be read: %s", trouble.error);
	return response_text(200, "text/plain; charset=utf-8", mem_strdup("ready\n"));
}
