# base: what at least three programs need and that knows nothing of DNS, HTTP, BGP or SQL.
MODULES += base
base_SRC := addr.c error.c iso3166.c log.c mem.c mono.c notify.c owner.c rng.c strmap.c wall.c
base_USES :=
base_PKGS :=
