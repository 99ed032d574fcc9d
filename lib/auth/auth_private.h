#ifndef KHOP_AUTH_PRIVATE_H
#define KHOP_AUTH_PRIVATE_H

#include "khop/auth/auth.h"
#include "khop/flow/flow.h"
#include "khop/http/req.h"

struct hasher;

struct auth {
    const char *origin;
    struct mac *session_mac;
    struct {
        int16_t no; /* 0: none */
        struct mac *mac;
    } peppers[AUTH_PEPPERS];
    uint8_t totp_key[SEAL_KEY_SIZE];
    struct hasher *hasher;
    struct auth_rate *logins;
    bool factor_required;
};

static inline struct auth *auth_of(const struct req *rq)
{
    return ((const struct flow *)rq->app)->auth;
}

#endif
