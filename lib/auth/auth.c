#include "auth_private.h"
#include "hasher.h"
#include "khop/auth/rate.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define LOGINS_WINDOW_MS (15 * 60 * 1000)

static bool peppers_start(struct auth *a, const struct auth_config *config)
{
    for (size_t i = 0; i < AUTH_PEPPERS && config->peppers[i].no != 0; i++) {
        a->peppers[i].no = config->peppers[i].no;
        a->peppers[i].mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)config->peppers[i].key, AUTH_KEY_SIZE });
        if (a->peppers[i].mac == NULL)
            return false;
    }
    return config->loop == NULL || a->peppers[0].no != 0; /* without a loop nothing is hashed */
}

struct auth *auth_new(const struct auth_config *config)
{
    struct auth *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->origin = config->origin;
    a->session_mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)config->session_key, AUTH_KEY_SIZE });
    memcpy(a->totp_key, config->totp_key, sizeof a->totp_key);
    a->hasher = config->loop == NULL ? NULL : hasher_new(config->loop);
    a->factor_required = config->factor_required;
    a->logins = auth_rate_new(config->logins_per_address, LOGINS_WINDOW_MS);
    if (a->logins == NULL || a->session_mac == NULL || !peppers_start(a, config) || (config->loop != NULL && a->hasher == NULL)) {
        auth_free(a);
        return NULL;
    }
    return a;
}

void auth_free(struct auth *a)
{
    if (a == NULL)
        return;
    hasher_free(a->hasher);
    auth_rate_free(a->logins);
    mac_free(a->session_mac);
    for (size_t i = 0; i < AUTH_PEPPERS; i++)
        mac_free(a->peppers[i].mac);
    explicit_bzero(a, sizeof *a);
    free(a);
}

bool auth_factor_required(const struct auth *a)
{
    return a->factor_required;
}

bool auth_logins_over(struct auth *a, const struct req *rq)
{
    return auth_rate_over(a->logins, rq, loop_now_ms(rq->task.loop));
}

void auth_login_failed(struct auth *a, const struct req *rq)
{
    (void)auth_rate_refuse(a->logins, rq, loop_now_ms(rq->task.loop));
}
