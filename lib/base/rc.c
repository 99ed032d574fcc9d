#include "khop/base/rc.h"
#include "khop/base/banned.h"

const char *rc_name(int rc)
{
    switch ((enum rc)rc) {
    case RC_OK:
        return "ok";
    case RC_BAD_INPUT:
        return "bad_input";
    case RC_TOO_LARGE:
        return "too_large";
    case RC_NOMEM:
        return "nomem";
    case RC_NOT_FOUND:
        return "not_found";
    case RC_CONFLICT:
        return "conflict";
    case RC_UNAUTHORIZED:
        return "unauthorized";
    case RC_FORBIDDEN:
        return "forbidden";
    case RC_UNAVAILABLE:
        return "unavailable";
    case RC_TIMEOUT:
        return "timeout";
    case RC_UNKNOWN:
        return "unknown";
    case RC_INTERNAL:
        return "internal";
    case RC_IO:
        return "io";
    case RC_BUSY:
        return "busy";
    case RC_STALE:
        return "stale";
    }
    return "unknown_rc";
}
