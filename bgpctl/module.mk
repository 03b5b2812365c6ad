# bgpctl: the anycast controller.
MODULES += bgpctl
bgpctl_SRC :=
bgpctl_USES := wire db base
bgpctl_PKGS := libuv
