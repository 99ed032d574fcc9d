#include "khop/web/pages.h"

#include "assets.h"
#include "desk_view.h"
#include "khop/web/locale.h"
#include "khop/web/mustache.h"
#include "pages_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

static const struct mustache_texts texts = { locale_find, locale_text };

/* Made once and never changed afterwards: the templates, and "static", the addresses of the static files under their names with '_' for
 * '.': {{static.page_css}}. */
static struct mustache *pages;
static json_t *addresses;

static json_t *addresses_make(void)
{
    json_t *all = json_object();

    for (size_t i = 0; i < web_asset_count; i++) {
        char key[64];
        size_t n = (size_t)snprintf(key, sizeof key, "%s", web_assets[i].source);

        for (size_t k = 0; k < n && k < sizeof key; k++) {
            if (key[k] == '.' || key[k] == '-')
                key[k] = '_';
        }
        if (json_object_set_new(all, key, json_sprintf("/static/%s", web_assets[i].name)) < 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static int start(const struct mustache_source *sources, size_t n, char *error, size_t error_size)
{
    if (addresses == NULL)
        addresses = addresses_make();
    if (addresses == NULL)
        return RC_NOMEM;
    pages = mustache_new(sources, n, &texts, error, error_size);
    return pages == NULL ? RC_INTERNAL : RC_OK;
}

int web_pages_start(char *error, size_t error_size)
{
    return pages != NULL ? RC_OK : start(web_templates, web_template_count, error, error_size);
}

int web_pages_start_more(const struct mustache_source *more, char *error, size_t error_size)
{
    struct mustache_source *all = calloc(web_template_count + 1, sizeof *all);

    if (all == NULL)
        return RC_NOMEM;
    web_pages_stop();
    memcpy(all, web_templates, web_template_count * sizeof *all);
    all[web_template_count] = *more;
    int rc = start(all, web_template_count + 1, error, error_size);

    free(all); /* what a set keeps of its sources is their text */
    return rc;
}

void web_pages_stop(void)
{
    mustache_free(pages);
    pages = NULL;
    json_decref(addresses);
    addresses = NULL;
}

const struct web_asset *web_asset_at(size_t place)
{
    return place < web_asset_count ? &web_assets[place] : NULL;
}

const struct web_asset *web_asset(struct slice name)
{
    for (size_t i = 0; i < web_asset_count; i++) {
        if (slice_is(name, web_assets[i].name))
            return &web_assets[i];
    }
    return NULL;
}

static int page(const char *template, const json_t *doc, const char *lang, int (*add)(json_t *view, int language),
                struct buf *out)
{
    char error[200];
    int language = locale_language(lang), rc = web_pages_start(error, sizeof error);

    if (rc < 0)
        return rc;
    if (!json_is_object(doc))
        return RC_BAD_INPUT;
    json_t *view = json_copy((json_t *)(uintptr_t)doc); /* shallow: the document's own members are shared, not changed */

    rc = view == NULL || json_object_set_new(view, "lang", json_string(locale_tag(language))) < 0 ||
                 json_object_set(view, "static", addresses) < 0 ? RC_NOMEM : RC_OK;
    if (rc == RC_OK && add != NULL)
        rc = add(view, language);
    if (rc == RC_OK)
        rc = mustache_render(pages, template, view, language, out);
    json_decref(view);
    return rc;
}

int web_pay_page(const json_t *doc, const char *lang, struct buf *out)
{
    return page("pay.html", doc, lang, view_pay, out);
}

int web_receipt_page(const json_t *doc, const char *lang, struct buf *out)
{
    return page("receipt.html", doc, lang, view_receipt, out);
}

int web_error_page(const json_t *doc, const char *lang, struct buf *out)
{
    return page("error.html", doc, lang, view_error, out);
}

int web_home_page(const json_t *doc, const char *lang, struct buf *out)
{
    return page("home.html", doc, lang, NULL, out);
}

int web_desk_page(const char *template, const json_t *doc, const char *lang, struct buf *out)
{
    return page(template, doc, lang, view_desk, out);
}

struct slice web_given_name(struct slice name)
{
    name = slice_trim(name);
    for (size_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == ' ')
            return slice_sub(name, i, name.n);
    }
    return name;
}
