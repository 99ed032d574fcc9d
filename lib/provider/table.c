/* The providers and their modes: numbers as the database stores them, names as the API shows them. */
#include "khop/provider/provider.h"

#include "khop/base/banned.h"

static const struct {
    int number;
    const char *name;
} providers[] = {
    {PROVIDER_SEPAY, "sepay"},
    {PROVIDER_CASSO, "casso"},
    {PROVIDER_PAYOS, "payos"},
    {PROVIDER_VIETQRVN, "vietqrvn"},
    {PROVIDER_STANDARD, "standardwebhooks"},
    {PROVIDER_STATEMENT, "statement"},
    {PROVIDER_MANUAL, "manual"},
};

static const struct {
    int number, provider;
    const char *name;
    bool bearer;
} modes[] = {
    {PROVIDER_SEPAY_APIKEY, PROVIDER_SEPAY, "apikey", true},
    {PROVIDER_SEPAY_HMAC, PROVIDER_SEPAY, "hmac", false},
    {PROVIDER_CASSO_V1, PROVIDER_CASSO, "v1", true},
    {PROVIDER_CASSO_V2, PROVIDER_CASSO, "v2", false},
    {PROVIDER_PAYOS_WEBHOOK, PROVIDER_PAYOS, "webhook", false},
    {PROVIDER_VIETQRVN_TOKEN, PROVIDER_VIETQRVN, "token", true},
    {PROVIDER_STANDARD_HMAC, PROVIDER_STANDARD, "hmac", false},
    {PROVIDER_STANDARD_ED25519, PROVIDER_STANDARD, "ed25519", false},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

const char *provider_name(int provider)
{
    for (size_t i = 0; i < COUNT(providers); i++) {
        if (providers[i].number == provider)
            return providers[i].name;
    }
    return NULL;
}

int provider_by_name(struct slice name)
{
    for (size_t i = 0; i < COUNT(providers); i++) {
        if (slice_is(name, providers[i].name))
            return providers[i].number;
    }
    return 0;
}

const char *provider_mode_name(int mode)
{
    for (size_t i = 0; i < COUNT(modes); i++) {
        if (modes[i].number == mode)
            return modes[i].name;
    }
    return NULL;
}

int provider_mode_by_name(int provider, struct slice name)
{
    for (size_t i = 0; i < COUNT(modes); i++) {
        if (modes[i].provider == provider && slice_is(name, modes[i].name))
            return modes[i].number;
    }
    return 0;
}

int provider_of_mode(int mode)
{
    for (size_t i = 0; i < COUNT(modes); i++) {
        if (modes[i].number == mode)
            return modes[i].provider;
    }
    return 0;
}

bool provider_mode_is_bearer(int mode)
{
    for (size_t i = 0; i < COUNT(modes); i++) {
        if (modes[i].number == mode)
            return modes[i].bearer;
    }
    return true;
}
