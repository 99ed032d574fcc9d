/* Pages of entry: signing in, second factors, links, the first start, oneself; and for administrators the people of an
 * organisation and what has been done. */
#ifndef KHOP_WEB_ENTRY_H
#define KHOP_WEB_ENTRY_H

#include "khop/http/req.h"

int web_login(struct req *rq);       /* GET  /login */
int web_login_post(struct req *rq);  /* POST */
int web_logout(struct req *rq);      /* GET  /logout */
int web_logout_post(struct req *rq); /* POST */
int web_factor(struct req *rq);      /* GET  /login/factor, /login/again: the code of the second factor, or the password once more */
int web_factor_post(struct req *rq); /* POST */
int web_kept(struct req *rq);        /* POST /login/kept: a form that came when the session was over */
int web_enrol(struct req *rq);       /* GET  /login/enrol, /me/factor: sets up a second factor */
int web_enrol_post(struct req *rq);  /* POST */
int web_setup(struct req *rq);       /* GET  /setup: the first administrator */
int web_setup_post(struct req *rq);  /* POST */
int web_invite(struct req *rq);      /* GET  /invite/{secret} */
int web_invite_post(struct req *rq); /* POST */

int desk_me(struct req *rq);                /* GET  /me */
int desk_me_password(struct req *rq);       /* POST /me/password */
int desk_me_role(struct req *rq);           /* POST /me/role: goes on as something else that one is */
int desk_me_factor_remove(struct req *rq);  /* POST /me/factor/remove */
int desk_me_recovery(struct req *rq);       /* POST /me/recovery: new recovery codes */
int desk_me_session_end(struct req *rq);    /* POST /me/sessions/{id}/end */
int desk_me_sessions_end(struct req *rq);   /* POST /me/sessions/end: all but this one */

int desk_users(struct req *rq);             /* GET  /api/v1/users, /desk/users */
int desk_users_invite(struct req *rq);      /* POST */
int desk_user_role_add(struct req *rq);     /* POST …/{id}/roles */
int desk_user_role_end(struct req *rq);     /* POST …/{id}/roles/{role}/end */
int desk_user_disable(struct req *rq);      /* POST …/{id}/disable */
int desk_user_enable(struct req *rq);       /* POST …/{id}/enable */
int desk_user_factor_reset(struct req *rq); /* POST …/{id}/factor */
int desk_user_reset(struct req *rq);        /* POST …/{id}/reset */
int desk_invitation_end(struct req *rq);    /* POST /api/v1/invitations/{id}/end, /desk/… */
int desk_events(struct req *rq);            /* GET  /api/v1/audit/events, /desk/audit/events */

#endif
