#include "auth_private.h"

#include <stdlib.h>

#include "khop/base/banned.h"

struct auth *auth_new(const struct auth_config *config)
{
    struct auth *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->origin = config->origin;
    a->session_mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)config->session_key, AUTH_KEY_SIZE });
    if (a->session_mac == NULL) {
        auth_free(a);
        return NULL;
    }
    return a;
}

void auth_free(struct auth *a)
{
    if (a == NULL)
        return;
    mac_free(a->session_mac);
    free(a);
}
