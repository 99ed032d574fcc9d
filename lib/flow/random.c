#include "khop/flow/flow.h"

#include "khop/base/banned.h"

int flow_random48(int64_t *out)
{
    uint8_t b[6];
    int64_t v = 0;

    if (crypto_random(b, sizeof b) < 0)
        return RC_INTERNAL;
    for (size_t i = 0; i < sizeof b; i++)
        v = (v << 8) | b[i];
    *out = v;
    return RC_OK;
}
