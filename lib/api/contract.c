/* GET /openapi.json: the contract, put together from its parts (lib/api/openapi, one a subject) when it is first asked for. */
#include "khop/api/api.h"
#include "khop/base/log.h"
#include "openapi.h"

#include <jansson.h>
#include <stdlib.h>

#include "khop/base/banned.h"

/* Kept until the process ends. */
static char *contract;

static char *put_together(void)
{
    json_t *whole = json_object();
    char *text = NULL;
    size_t i;

    for (i = 0; i < openapi_part_count; i++) {
        json_t *part = json_loadb((const char *)openapi_parts[i], openapi_part_sizes[i], JSON_REJECT_DUPLICATES, NULL);

        if (json_object_update_recursive(whole, part) < 0) {
            json_decref(part);
            break;
        }
        json_decref(part);
    }
    if (i == openapi_part_count)
        text = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    return text;
}

int api_openapi(struct req *rq)
{
    if (contract == NULL)
        contract = put_together();
    return contract == NULL ? RC_NOMEM : reply(rq, 200, "application/json", slice_of(contract));
}
