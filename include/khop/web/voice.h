/* Voice packs (product.md §7): a folder of clips a language and a file that says which clip is which word and how numbers are put together. They are
 * read once, before the first request; the player is static/voice.mjs, and deploy/voice/README.md says how one is made. */
#ifndef KHOP_WEB_VOICE_H
#define KHOP_WEB_VOICE_H

#include "khop/base/rc.h"
#include "khop/http/req.h"

/* Reads every folder of `dir` ("" or NULL: no packs). A negative rc with a sentence in error: a pack is not whole and is left out (the last such one
 * is named); the others are there. */
int web_voice_load(const char *dir, char *error, size_t error_size) RC_MUST;
void web_voice_free(void);

/* The address of the pack of a language; NULL where there is none. */
const char *web_voice_url(const char *lang);

int web_voice(struct req *rq); /* GET /voice/{lang}/{file} */

#endif
