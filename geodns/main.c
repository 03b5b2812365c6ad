/* meridian-geodns: answers DNS queries. Knows how the daemon begins and ends. */
#include "base/log.h"
#include "base/notify.h"
#include "geodns/responder.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Beyond this, an allocation is a mapping of its own and goes back to the system when it is freed:
 * maps and tables are megabytes, and are replaced while the responder runs. Left alone, the C
 * library raises the limit to the largest that was ever freed and keeps everything below. */
enum { OWN_MAPPING_FROM = 128 * 1024 };

/* SIGTERM and SIGINT as a descriptor; every thread started later leaves them blocked. */
static int signals_fd(void)
{
	sigset_t ending;
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run(const struct instance *instance)
{
	struct responder responder;
	struct error error = {""};
	int ending_fd = signals_fd();
	if (ending_fd < 0) {
		fprintf(stderr, "meridian-geodns: signals cannot be waited for\n");
		return 1;
	}
	if (!instance_prepare(instance, &error)) {
		log_error("meridian-geodns cannot begin: %s", error.text);
		return 1;
	}
	bool open = responder_open(&responder, instance, &error);
	if (open) {
		notify_ready();
		responder_run(&responder, ending_fd);
		log_notice("ending");
	} else {
		log_error("meridian-geodns cannot begin: %s", error.text);
	}
	responder_close(&responder);
	close(ending_fd);
	return open ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct instance instance;
	(void)mallopt(M_MMAP_THRESHOLD, OWN_MAPPING_FROM);
	int status = instance_start(
		argc, argv, "meridian-geodns",
		"Answers DNS queries, each client with its nearest healthy region.", &instance);
	if (status >= 0)
		return status;
	status = run(&instance);
	instance_fini(&instance);
	return status;
}
