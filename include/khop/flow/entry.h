/* Signing in, second factors, sessions, links and the first start: what the database does of them. Who hashes and checks
 * codes is lib/auth. Each call parks the task; the next step reads the answer, whose rc is the row's. */
#ifndef KHOP_FLOW_ENTRY_H
#define KHOP_FLOW_ENTRY_H

#include "khop/flow/flow.h"
#include <stdbool.h>

/* Where somebody comes from, for audit events and lists of sessions. */
struct flow_visitor {
    struct slice ip, agent, req;
    bool required; /* roles that need a second factor need one here (setting second_factor) */
};

/* A new password, hashed, with the number of its pepper. */
struct flow_password {
    struct slice phc; /* p NULL: keep the old one */
    int16_t pepper;
};

/* What a session owes after a step. */
enum flow_next { FLOW_DONE, FLOW_FACTOR, FLOW_ENROL, FLOW_HERE };
/* Of sign_in_end, invitation_accept, setup_finish, session_switch. */
int flow_next_read(struct task *t, enum flow_next *next) RC_MUST;

/* --- signing in --- */

/* device_user 0: no known device. */
int flow_sign_in_begin(struct task *t, struct flow *f, struct slice login, int64_t device_user, struct slice device, task_step next) RC_MUST;
struct flow_sign_in {
    int32_t wait_s; /* with RC_BUSY */
    int64_t user_id; /* 0: nobody's */
    struct slice budget, password;
    int16_t pepper; /* of the password */
};
int flow_sign_in_read(struct task *t, struct flow_sign_in *out) RC_MUST;
/* RC_UNAUTHORIZED: wrong. `hash` is the new session's. */
int flow_sign_in_end(struct task *t, struct flow *f, const struct flow_sign_in *who, bool match, const struct flow_password *renewed,
                     struct slice hash, const struct flow_visitor *v, task_step next) RC_MUST;
int flow_sign_out(struct task *t, struct flow *f, struct slice token, const struct flow_visitor *v, task_step next) RC_MUST;

/* --- the person of a session --- */

int flow_self(struct task *t, struct flow *f, struct slice token, const struct flow_visitor *v, task_step next) RC_MUST;
struct flow_self {
    int stage;
    int64_t user_id;
    struct slice login, name, role, org_name;
    bool totp, needs_factor, fresh;
    int32_t recovery_left;
};
int flow_self_read(struct task *t, struct flow_self *out) RC_MUST;

/* Whose session this is, or was until a day ago. */
int flow_session_owner(struct task *t, struct flow *f, struct slice token, task_step next) RC_MUST;
struct flow_owner {
    int64_t user_id;
    struct slice login;
    bool totp, live; /* live: the session may be used */
};
int flow_session_owner_read(struct task *t, struct flow_owner *out) RC_MUST;

/* What a code or a password is compared with; takes a try. */
int flow_proof_begin(struct task *t, struct flow *f, struct slice token, task_step next) RC_MUST;
struct flow_proof {
    int32_t wait_s; /* with RC_BUSY */
    int stage;
    int64_t user_id, totp_step;
    struct slice totp_sealed, password; /* totp_sealed empty: no second factor */
    int16_t pepper; /* of the password */
};
int flow_proof_read(struct task *t, struct flow_proof *out) RC_MUST;
/* One of them was right, or none. step 0, recovery p NULL: not that one. */
struct flow_proven {
    int64_t step;
    struct slice recovery;
    bool password;
};
int flow_proof_end(struct task *t, struct flow *f, struct slice token, const struct flow_proven *how, struct slice new_hash,
                   const struct flow_visitor *v, task_step next) RC_MUST;

int flow_factor_set(struct task *t, struct flow *f, struct slice token, struct slice sealed, int64_t step, const struct slice *codes,
                    size_t ncodes, struct slice new_hash, const struct flow_visitor *v, task_step next) RC_MUST;
int flow_factor_remove(struct task *t, struct flow *f, struct slice token, struct slice new_hash, const struct flow_visitor *v,
                       task_step next) RC_MUST;
int flow_recovery_renew(struct task *t, struct flow *f, struct slice token, const struct slice *codes, size_t ncodes,
                        const struct flow_visitor *v, task_step next) RC_MUST;
int flow_password_change(struct task *t, struct flow *f, struct slice token, bool match, const struct flow_password *chosen,
                         struct slice new_hash, const struct flow_visitor *v, task_step next) RC_MUST;

struct flow_session {
    int64_t id;
    bool current;
    struct slice org_name, role, ip, agent;
    int64_t created_us, seen_us;
};
int flow_session_list(struct task *t, struct flow *f, struct slice token, task_step next) RC_MUST;
int flow_session_read(struct task *t, struct flow_session **out, size_t *n) RC_MUST;
/* id 0: all but this one. */
int flow_session_end(struct task *t, struct flow *f, struct slice token, int64_t id, const struct flow_visitor *v, task_step next) RC_MUST;
int flow_session_switch(struct task *t, struct flow *f, struct slice token, int64_t org_id, struct slice role, struct slice new_hash,
                        const struct flow_visitor *v, task_step next) RC_MUST;
/* What the person may go on as; the current one first. */
struct flow_membership {
    int64_t org_id;
    struct slice org_name, role;
    bool current;
};
int flow_memberships(struct task *t, struct flow *f, struct slice token, task_step next) RC_MUST;
int flow_membership_read(struct task *t, struct flow_membership **out, size_t *n) RC_MUST;

/* --- links --- */

int flow_link_show(struct task *t, struct flow *f, struct slice link, task_step next) RC_MUST;
struct flow_link {
    bool reset, known, needs_factor;
    struct slice login, name, role, org_name, org_code;
};
int flow_link_read(struct task *t, struct flow_link *out) RC_MUST;
/* token: the session of somebody who has that login already, or p NULL. */
int flow_link_accept(struct task *t, struct flow *f, struct slice link, struct slice token, const struct flow_password *chosen,
                     struct slice new_hash, const struct flow_visitor *v, task_step next) RC_MUST;

/* --- the first start --- */

int flow_setup_offer(struct task *t, struct flow *f, struct slice code, task_step next) RC_MUST;
int flow_setup_show(struct task *t, struct flow *f, struct slice code, task_step next) RC_MUST;
struct flow_setup_org {
    int64_t id;
    struct slice name;
};
int flow_setup_read(struct task *t, struct flow_setup_org **out, size_t *n) RC_MUST;
struct flow_setup {
    struct slice code, login, name;
    int64_t org_id; /* 0: a new one */
    struct slice org_name, org_kind, org_code;
};
int flow_setup_finish(struct task *t, struct flow *f, const struct flow_setup *s, const struct flow_password *chosen, struct slice new_hash,
                      const struct flow_visitor *v, task_step next) RC_MUST;

#endif
