# healthcheck: probes backends and writes verdicts.
MODULES += healthcheck
healthcheck_SRC := curl_outcome.c feed.c fleet.c histogram.c history.c probe.c probe_http.c probe_tcp.c publisher.c \
	reason.c report_health.c report_stats.c runner.c schedule.c stall.c tally.c target.c transfers.c trial.c trust.c verdict.c
healthcheck_USES := db base
healthcheck_PKGS := libcurl openssl libuv

PROGRAMS += meridian-healthcheck
meridian-healthcheck_MAIN := healthcheck/main.c
meridian-healthcheck_MODULE := healthcheck
