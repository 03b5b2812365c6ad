# geodns: the responder.
MODULES += geodns
geodns_SRC := geomap.c geomap_build.c geomap_pack.c geomap_prefixes.c place_override.c place_pattern.c
# Names, zones and answers.
geodns_SRC += answer.c answer_short.c chaos.c cookie.c counters.c durations.c limit.c lookup.c names.c node.c plan.c planner.c \
	pools.c pools_last.c poolset.c quiesce.c ranking.c refer.c rrl.c service.c siphash.c steer.c tails.c zone.c
# What keeps them in step, and tells of them.
geodns_SRC += atlas.c binding.c content.c explain.c explain_steps.c feed.c loading.c mapmaker.c metrics.c places_watch.c report.c responder.c \
	secrets.c steerings.c workers.c
# Packets.
geodns_SRC += prefix_count.c sock.c tcp.c tcp_connection.c tcp_frame.c udp.c udp_batch.c
geodns_USES := place wire db base
geodns_PKGS :=
PROGRAMS += meridian-geodns
meridian-geodns_MAIN := geodns/main.c
meridian-geodns_MODULE := geodns
meridian-geodns_LTO := yes

# place: what the responder and the compiler of place tables share.
MODULES += place
place_DIR := geodns
place_TESTS := tests/unit/geodns/place
place_SRC := distance.c place.c place_table.c refusal.c unroutable.c
place_USES := base

# geoc: the compiler of place tables, which alone opens MMDB files.
MODULES += geoc
geoc_DIR := geodns
geoc_TESTS := tests/unit/geodns/geoc
geoc_SRC := geoc_compile.c geoc_sandbox.c mmdb.c place_builder.c
geoc_USES := place base
geoc_PKGS := libmaxminddb libseccomp
PROGRAMS += meridian-geoc
meridian-geoc_MAIN := geodns/geoc.c
meridian-geoc_MODULE := geoc
