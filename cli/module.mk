# cli: the meridian command.
MODULES += cli
cli_SRC :=
cli_USES := db base
cli_PKGS :=
