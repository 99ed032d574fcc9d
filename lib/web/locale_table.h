/* What po2c writes: keys in the order of bytes, a text of each language for every key. */
#ifndef KHOP_WEB_LOCALE_TABLE_H
#define KHOP_WEB_LOCALE_TABLE_H

extern const int locale_language_count, locale_key_count;
extern const char *const locale_tags[];
extern const char *const locale_keys[];
extern const char *const *const locale_texts[]; /* [language][key] */

#endif
