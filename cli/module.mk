# cli: the meridian command, and the demo that `meridian run` shows on an empty machine.
MODULES += cli
cli_SRC := banner.c child.c cmd_anycast.c cmd_bird.c cmd_config.c cmd_confirm.c cmd_demo.c cmd_events.c cmd_explain.c cmd_history.c cmd_override.c cmd_run.c \
	cmd_state.c cmd_users.c cmd_zone.c demo.c demo_cert.c in_force.c options.c place_table.c ports.c print.c run_settings.c \
	store_access.c
cli_USES := db base
cli_PKGS := jansson libcrypto

PROGRAMS += meridian
meridian_MAIN := cli/main.c
meridian_MODULE := cli
$(BUILD)/obj/cli/demo.o: cli/demo.json

MODULES += demo
demo_DIR := cli/demo
demo_SRC :=
demo_USES :=
demo_PKGS := openssl

PROGRAMS += meridian-demo-backend
meridian-demo-backend_MAIN := cli/demo/backend.c
meridian-demo-backend_MODULE := demo
