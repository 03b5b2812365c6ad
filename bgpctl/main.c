/* Knows how the controller is driven: by descriptors, a clock, signals and one working thread. */
#include "base/log.h"
#include "base/mem.h"
#include "base/notify.h"
#include "bgpctl/controller.h"
#include "bgpctl/report.h"
#include "db/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { TICK_MS = 50, CONTROL_IDLE_STEP_MS = 1000 };

struct daemon {
	uv_loop_t loop;
	uv_timer_t tick, idle;
	uv_poll_t wake, asked;
	uv_signal_t term, interrupt;
	uv_work_t work;
	struct controller controller;
	struct control *control;
	struct actuate_job *job; /* under way */
};

static void step(struct daemon *daemon);

static void work(uv_work_t *request)
{
	struct daemon *daemon = request->data;
	actuate_run(daemon->job);
}

static void worked(uv_work_t *request, int status)
{
	struct daemon *daemon = request->data;
	struct actuate_job *job = daemon->job;
	(void)status;
	daemon->job = NULL;
	controller_done(&daemon->controller, job, mono_now());
	step(daemon);
}

static void step(struct daemon *daemon)
{
	struct actuate_job *job = controller_step(&daemon->controller, mono_now());
	if (job != NULL) {
		daemon->job = job;
		daemon->work.data = daemon;
		/* It fails only without a work function. */
		(void)uv_queue_work(&daemon->loop, &daemon->work, work, worked);
	}
	if (controller_stopped(&daemon->controller, mono_now()))
		uv_stop(&daemon->loop);
}

static void on_tick(uv_timer_t *timer)
{
	step(timer->data);
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	step(poll->data);
}

static void on_asked(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;
	(void)status;
	(void)events;
	control_step(daemon->control);
}

static void on_idle(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	control_step(daemon->control);
}

/* The first signal withdraws and ends; a second one does not wait for that. */
static void on_signal(uv_signal_t *signal, int number)
{
	struct daemon *daemon = signal->data;
	(void)number;
	if (daemon->controller.stopping) {
		uv_stop(&daemon->loop);
		return;
	}
	controller_stop(&daemon->controller);
	step(daemon);
}

static void watch(struct daemon *daemon)
{
	uv_loop_t *loop = &daemon->loop;
	daemon->tick.data = daemon->idle.data = daemon->wake.data = daemon->asked.data =
		daemon->term.data = daemon->interrupt.data = daemon;
	uv_timer_init(loop, &daemon->tick);
	uv_timer_start(&daemon->tick, on_tick, 0, TICK_MS);
	uv_timer_init(loop, &daemon->idle);
	uv_timer_start(&daemon->idle, on_idle, CONTROL_IDLE_STEP_MS, CONTROL_IDLE_STEP_MS);
	uv_poll_init(loop, &daemon->wake, daemon->controller.wake_fd);
	uv_poll_start(&daemon->wake, UV_READABLE, on_wake);
	uv_poll_init(loop, &daemon->asked, control_fd(daemon->control));
	uv_poll_start(&daemon->asked, UV_READABLE, on_asked);
	uv_signal_init(loop, &daemon->term);
	uv_signal_start(&daemon->term, on_signal, SIGTERM);
	uv_signal_init(loop, &daemon->interrupt);
	uv_signal_start(&daemon->interrupt, on_signal, SIGINT);
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void run(struct daemon *daemon)
{
	uv_loop_init(&daemon->loop);
	watch(daemon);
	notify_ready();
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	uv_walk(&daemon->loop, close_handle, NULL);
	/* A job that is under way ends by its own deadlines. */
	while (uv_run(&daemon->loop, UV_RUN_DEFAULT) != 0)
		;
	uv_loop_close(&daemon->loop);
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	struct instance instance;
	struct error error = {0};
	int status = instance_start(argc, argv, "meridian-bgpctl",
				    "Announces and withdraws this site's anycast prefixes through "
				    "BIRD.",
				    &instance);
	if (status >= 0)
		return status;
	status = 1;
	char *socket = instance_socket(&instance, "bgpctl");
	if (!controller_init(&daemon.controller, &instance, &error))
		goto out;
	daemon.control = control_open(socket, report_answer, &daemon.controller, &error);
	if (daemon.control == NULL)
		goto out;
	log_notice("runs for site %s, bird=%s include=%s", instance.site_name, instance.bird_socket,
		   instance.bird_include);
	run(&daemon);
	control_close(daemon.control);
	log_notice("has ended");
	status = 0;
out:
	if (status != 0)
		log_error("cannot start: %s", error.text);
	controller_fini(&daemon.controller);
	free(socket);
	instance_fini(&instance);
	return status;
}
