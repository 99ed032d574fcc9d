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

/* Compiled once and never changed afterwards. */
static struct mustache *pages;

int web_pages_start(char *error, size_t error_size)
{
    if (pages == NULL)
        pages = mustache_new(web_templates, web_template_count, &texts, error, error_size);
    return pages == NULL ? RC_INTERNAL : RC_OK;
}

int web_pages_start_more(const struct mustache_source *more, char *error, size_t error_size)
{
    struct mustache_source *all = calloc(web_template_count + 1, sizeof *all);

    if (all == NULL)
        return RC_NOMEM;
    web_pages_stop();
    memcpy(all, web_templates, web_template_count * sizeof *all);
    all[web_template_count] = *more;
    pages = mustache_new(all, web_template_count + 1, &texts, error, error_size);
    free(all); /* what a set keeps of its sources is their text */
    return pages == NULL ? RC_INTERNAL : RC_OK;
}

void web_pages_stop(void)
{
    mustache_free(pages);
    pages = NULL;
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

/* "static": the addresses of the static files under their name with '_' for '.': {{static.page_css}}. */
static int assets_add(json_t *view)
{
    json_t *addresses = json_object();

    for (size_t i = 0; i < web_asset_count; i++) {
        char key[64];
        size_t n = (size_t)snprintf(key, sizeof key, "%s", web_assets[i].source);

        for (size_t k = 0; k < n && k < sizeof key; k++) {
            if (key[k] == '.' || key[k] == '-')
                key[k] = '_';
        }
        if (json_object_set_new(addresses, key, json_sprintf("/static/%s", web_assets[i].name)) < 0) {
            json_decref(addresses);
            return RC_NOMEM;
        }
    }
    return json_object_set_new(view, "static", addresses) < 0 ? RC_NOMEM : RC_OK;
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

    rc = view == NULL || json_object_set_new(view, "lang", json_string(locale_tag(language))) < 0 ? RC_NOMEM : assets_add(view);
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
