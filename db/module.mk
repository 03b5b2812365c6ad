# db: everything that crosses a process boundary: the config store and its typed model, the health table, the control
# socket, the event journal, the settings of one installation.
MODULES += db
db_SRC := \
	auth.c \
	auth_secret.c \
	auth_session.c \
	changes.c \
	check.c \
	check_names.c \
	check_pools.c \
	check_references.c \
	check_sites.c \
	codec.c \
	codec_alert.c \
	codec_anycast.c \
	codec_monitor.c \
	codec_override.c \
	codec_parts.c \
	codec_place.c \
	codec_pool.c \
	codec_rrset.c \
	codec_schema.c \
	codec_service.c \
	codec_zone.c \
	control.c \
	control_ask.c \
	document.c \
	document_export.c \
	effective.c \
	findings.c \
	health.c \
	instance.c \
	journal.c \
	journal_file.c \
	journal_read.c \
	jread.c \
	jshape.c \
	mapping_guard.c \
	model.c \
	names.c \
	object.c \
	place.c \
	plan_request.c \
	rdata.c \
	rdata_text.c \
	sql.c \
	sql_index.c \
	store.c \
	store_commit.c \
	store_history.c \
	store_prune.c \
	store_read.c \
	store_refresh.c \
	store_schema.c \
	store_watch.c \
	store_write.c \
	svcb.c \
	zone_hidden.c \
	zone_import.c \
	zone_records.c \
	zonefile.c
db_USES := base
db_PKGS := jansson sqlite3 ldns inih libcrypto
db_LIBS := -lcrypt
