/* A font map with a fontconfig of its own, which knows our files only. */
#include "fonts_private.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>
#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#ifdef __SANITIZE_ADDRESS__
/* fontconfig and Pango keep what they have read of fonts until the process ends, and say so to nobody: not leaks of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so\nleak:libpangoft2-1.0.so\nleak:libcairo.so\nleak:libglib-2.0.so\nleak:libgobject-2.0.so\n";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

static const char *const files[] = {
    "NotoSans-Regular.ttf", "NotoSans-Bold.ttf",   "NotoSans-Italic.ttf",    "NotoSans-BoldItalic.ttf",
    "NotoSerif-Regular.ttf", "NotoSerif-Bold.ttf", "NotoSerif-Italic.ttf", "NotoSansTaiViet-Regular.ttf",
};

static int add_files(FcConfig *config, const char *folder)
{
    char path[4096];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        int n = snprintf(path, sizeof path, "%s/%s", folder, files[i]);

        if (n < 0 || n >= (int)sizeof path)
            return RC_NOT_FOUND;
        if (!FcConfigAppFontAddFile(config, (const FcChar8 *)path))
            return RC_NOT_FOUND;
    }
    return RC_OK;
}

int print_fonts_open(const char *folder, struct print_fonts **out)
{
    FcConfig *config = FcConfigCreate();
    struct print_fonts *f = config == NULL ? NULL : calloc(1, sizeof *f);
    int rc = f == NULL ? RC_NOMEM : add_files(config, folder == NULL ? PRINT_FONT_FOLDER : folder);

    if (rc == RC_OK) {
        f->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
        if (f->map == NULL)
            rc = RC_NOMEM;
    }
    if (rc == RC_OK) {
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(f->map), config);
        pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(f->map), 72); /* a unit of papers is a point */
        *out = f;
        f = NULL;
    }
    if (config != NULL)
        FcConfigDestroy(config); /* the map holds it by a reference of its own */
    free(f);
    return rc;
}

void print_fonts_free(struct print_fonts *f)
{
    if (f == NULL)
        return;
    g_object_unref(f->map);
    free(f);
}
