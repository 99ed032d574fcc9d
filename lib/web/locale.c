#include "khop/web/locale.h"

#include <string.h>

#include "locale_table.h"

#include "khop/base/banned.h"

int locale_language(const char *tag)
{
    for (int i = 0; tag != NULL && i < locale_language_count; i++) {
        if (strcmp(locale_tags[i], tag) == 0)
            return i;
    }
    return 0;
}

const char *locale_tag(int language)
{
    return language >= 0 && language < locale_language_count ? locale_tags[language] : NULL;
}

int locale_find(struct slice key)
{
    int low = 0, high = locale_key_count;

    while (low < high) {
        int middle = low + (high - low) / 2, order = slice_cmp(slice_of(locale_keys[middle]), key);

        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

const char *locale_text(int language, int key)
{
    return locale_texts[language < 0 || language >= locale_language_count ? 0 : language][key];
}

const char *locale_get(int language, const char *key)
{
    int which = locale_find(slice_of(key));

    return which < 0 ? key : locale_text(language, which);
}
