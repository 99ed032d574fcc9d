#include "auth_private.h"
#include "hasher.h"

#include <stdlib.h>

#include "khop/base/banned.h"

struct auth *auth_new(const struct auth_config *config)
{
    struct auth *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->origin = config->origin;
    a->session_mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)config->session_key, AUTH_KEY_SIZE });
    a->pepper_mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)config->pepper_key, AUTH_KEY_SIZE });
    memcpy(a->totp_key, config->totp_key, sizeof a->totp_key);
    a->hasher = config->loop == NULL ? NULL : hasher_new(config->loop);
    if (a->session_mac == NULL || a->pepper_mac == NULL || (config->loop != NULL && a->hasher == NULL)) {
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
    mac_free(a->session_mac);
    mac_free(a->pepper_mac);
    explicit_bzero(a, sizeof *a);
    free(a);
}
