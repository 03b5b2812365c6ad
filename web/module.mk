# web: the API and the dashboard.
MODULES += web
web_SRC :=
web_USES := db base
web_PKGS := libmicrohttpd
