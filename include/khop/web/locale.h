/* Texts of pages in each language, from lib/web/locale/NAME.po (gettext's format; msgid is a key, "pay.title", not a
 * sentence), compiled into the program by lib/web/tools/po2c.c. A further language is a further file. */
#ifndef KHOP_WEB_LOCALE_H
#define KHOP_WEB_LOCALE_H

#include "khop/base/slice.h"

/* The number of a language by its tag ("vi", "en"); the default (vi, number 0) for one that is not there. */
int locale_language(const char *tag);
/* Its tag; NULL past the last. */
const char *locale_tag(int language);
/* The number of a key, -1 for none. */
int locale_find(struct slice key);
/* A text; never NULL for a number of locale_find. */
const char *locale_text(int language, int key);
/* By key; the key itself when there is no such text. */
const char *locale_get(int language, const char *key);

#endif
