# bgpctl: the anycast controller.
MODULES += bgpctl
bgpctl_SRC := actuate.c announcement.c applier.c bird.c bird_conf.c bird_reply.c bird_view.c conf_watch.c \
	controller.c damping.c digest.c echo.c events.c evidence.c \
	feed.c forecast.c freshness.c guard.c heartbeat.c include.c keep.c ladder.c level.c memory.c news.c \
	plan.c pools.c prefix_state.c presence.c probe.c question.c report.c responder.c roster.c sight.c whole_site.c
bgpctl_USES := wire db base
bgpctl_PKGS := libuv
PROGRAMS += meridian-bgpctl
meridian-bgpctl_MAIN := bgpctl/main.c
meridian-bgpctl_MODULE := bgpctl

PROGRAMS += meridian-withdraw
meridian-withdraw_MAIN := bgpctl/withdraw.c
meridian-withdraw_MODULE := bgpctl

PROGRAMS += meridian-bgpwatch
meridian-bgpwatch_MAIN := bgpctl/watch.c
meridian-bgpwatch_MODULE := bgpctl
