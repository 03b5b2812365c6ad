# geodns: the responder, and the compiler of place tables.
MODULES += geodns
geodns_SRC :=
geodns_USES := wire db base
geodns_PKGS :=
