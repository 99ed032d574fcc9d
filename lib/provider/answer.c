/* What each provider wants to hear (providers.md). All but VietQR.vn look at the status first and like
 * {"success":true}; a refusal says nothing besides its status (security.md §2). */
#include "common.h"

#include "khop/base/banned.h"

int provider_answer(int mode, enum provider_outcome outcome, const struct notice_verdict *v, const char *ref,
                    struct arena *arena, struct provider_reply *out)
{
    static const char json[] = "application/json";

    if (mode == PROVIDER_VIETQRVN_TOKEN)
        return vietqrvn_answer(outcome, v, ref, arena, out);
    switch (outcome) {
    case PROVIDER_DONE:
        *out = (struct provider_reply){200, json, SLICE("{\"success\":true}")};
        return RC_OK;
    case PROVIDER_REJECTED:
        *out = (struct provider_reply){v->status, NULL, SLICE("")};
        return RC_OK;
    case PROVIDER_UNAVAILABLE:
        *out = (struct provider_reply){503, json, SLICE("{\"success\":false}")};
        return RC_OK;
    }
    return RC_INTERNAL;
}
