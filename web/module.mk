# http: requests, responses and routes as values, pure.
MODULES += http
http_DIR := web
http_TESTS := tests/unit/web/http
http_SRC := coding.c csv.c merge_patch.c precondition.c request.c response.c router.c
http_USES := base
http_PKGS := jansson

# web: the API and the dashboard.
MODULES += web
web_SRC := access.c account.c anycast_act.c anycast_view.c ask.c asset.c asset_table.c attention.c config.c counters.c dispatch.c endpoint.c \
	event.c feed.c feed_health.c feed_journal.c gzip.c health_view.c http.c hub.c idempotency.c limiter.c \
	metrics.c object.c object_list.c object_path.c openapi.c overview.c override.c paging.c probe.c problem.c \
	question.c revision.c routes.c schema.c session.c status.c traffic.c users.c verdicts.c watch.c \
	whole.c write.c zone.c zone_file.c
web_USES := http db base
web_PKGS := libmicrohttpd zlib

PROGRAMS += meridian-web
meridian-web_MAIN := web/main.c
meridian-web_MODULE := web

# The page becomes a part of the program.
WEB_UI := $(shell find web/ui -not -path '*/node_modules*' 2>/dev/null)
$(BUILD)/gen/web/asset_table.c: web/embed.sh $(WEB_UI)
	@mkdir -p $(@D)
	web/embed.sh web/ui $@ $(BUILD)/gen/web/assets
$(BUILD)/obj/web/asset_table.o: $(BUILD)/gen/web/asset_table.c web/asset.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
