/* account: sessions, users and tokens. */
#ifndef MERIDIAN_WEB_ACCOUNT_H
#define MERIDIAN_WEB_ACCOUNT_H

#include "web/app.h"

struct response *session_start(struct app *app, struct call *call);
struct response *session_get(struct app *app, struct call *call);
struct response *session_end(struct app *app, struct call *call);

struct response *user_list(struct app *app, struct call *call);
struct response *user_create(struct app *app, struct call *call);
struct response *user_delete(struct app *app, struct call *call);
struct response *user_set_role(struct app *app, struct call *call);
struct response *user_set_password(struct app *app, struct call *call);

struct response *token_list(struct app *app, struct call *call);
struct response *token_create(struct app *app, struct call *call);
struct response *token_delete(struct app *app, struct call *call);

#endif
