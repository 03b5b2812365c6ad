# healthcheck: probes backends and writes verdicts.
MODULES += healthcheck
healthcheck_SRC := alert_message.c alert_position.c alert_send.c alerts.c answer.c certificate.c channel.c conscience.c curl_outcome.c curl_request.c dns_check.c doubt.c feed.c flap.c fleet.c full_handshake.c geo_age.c histogram.c history.c http1.c http1_request.c off_limits.c pattern.c probe.c probe_direct.c probe_dns.c \
	probe_http.c probe_icmp.c probe_tcp.c publisher.c \
	reason.c recital.c report_health.c report_stats.c report_status.c runner.c schedule.c series.c series_file.c stall.c stream.c tally.c target.c tls.c tls_words.c transfers.c trial.c trust.c turns.c unkept.c verdict.c wayout.c
healthcheck_USES := wire db base
healthcheck_PKGS := libcurl openssl libuv libpcre2-8

PROGRAMS += meridian-healthcheck
meridian-healthcheck_MAIN := healthcheck/main.c
meridian-healthcheck_MODULE := healthcheck
