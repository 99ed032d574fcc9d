/* The people of an organisation, as its administrator sees them, and what has been done in it. */
#ifndef KHOP_FLOW_PEOPLE_H
#define KHOP_FLOW_PEOPLE_H

#include "khop/flow/entry.h"

struct flow_user {
    int64_t id;
    struct slice login, name;
    struct slice roles; /* separated by commas */
    bool disabled, totp, elsewhere;
    bool has_signed_in;
    int64_t signed_in_us;
};
/* After the first eight letters of the login and the id of the last one seen; after_id 0: from the start. */
int flow_user_list(struct task *t, struct flow *f, struct slice token, struct slice after, int64_t after_id, int32_t limit, task_step next) RC_MUST;
int flow_user_read(struct task *t, struct flow_user **out, size_t *n) RC_MUST;

int flow_user_role_add(struct task *t, struct flow *f, struct slice token, int64_t user, struct slice role, const struct flow_visitor *v, task_step next) RC_MUST;
int flow_user_role_end(struct task *t, struct flow *f, struct slice token, int64_t user, struct slice role, const struct flow_visitor *v, task_step next) RC_MUST;
int flow_user_disable(struct task *t, struct flow *f, struct slice token, int64_t user, bool disable, const struct flow_visitor *v, task_step next) RC_MUST;
int flow_user_factor_reset(struct task *t, struct flow *f, struct slice token, int64_t user, const struct flow_visitor *v, task_step next) RC_MUST;
/* `link` is the hash of the secret in the link. */
int flow_user_reset(struct task *t, struct flow *f, struct slice token, int64_t user, struct slice link, const struct flow_visitor *v, task_step next) RC_MUST;

struct flow_invitation {
    int64_t id;
    bool reset;
    struct slice login, name, role, created_by;
    int64_t created_us, expires_us;
};
int flow_invite(struct task *t, struct flow *f, struct slice token, struct slice link, struct slice login, struct slice name, struct slice role,
                const struct flow_visitor *v, task_step next) RC_MUST;
/* Of flow_invite: its number and end. */
int flow_invited_read(struct task *t, int64_t *id, int64_t *expires_us) RC_MUST;
int flow_invitation_list(struct task *t, struct flow *f, struct slice token, task_step next) RC_MUST;
int flow_invitation_read(struct task *t, struct flow_invitation **out, size_t *n) RC_MUST;
int flow_invitation_end(struct task *t, struct flow *f, struct slice token, int64_t id, const struct flow_visitor *v, task_step next) RC_MUST;

struct flow_event {
    int64_t seq, at_us, actor;
    struct slice actor_name, session8, ip, req, action, object, result, detail, hash;
};
/* Newest first, before `before` (0: from the end); action p NULL: any, else what begins so. */
int flow_event_list(struct task *t, struct flow *f, struct slice token, int64_t before, struct slice action, int32_t limit, task_step next) RC_MUST;
int flow_event_read(struct task *t, struct flow_event **out, size_t *n) RC_MUST;

#endif
