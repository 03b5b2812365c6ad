# healthcheck: probes backends and writes verdicts.
MODULES += healthcheck
healthcheck_SRC :=
healthcheck_USES := db base
healthcheck_PKGS := libcurl openssl libuv
