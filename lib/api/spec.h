/* What a new code is asked to be: the same rules for one request and for each line of a batch. */
#ifndef KHOP_API_SPEC_H
#define KHOP_API_SPEC_H

#include "khop/api/json.h"
#include "khop/flow/code.h"

/* Reads the members of `in` with these kinds; every fault is added to it. Texts point into what `in` reads. */
void api_spec_read(struct api_in *in, const struct flow_kinds *kinds, struct flow_code_spec *spec);

#endif
