/* A page of a document on standard input, as the server makes it; the static files as a list of name, type and hex. */
#include "khop/base/enc.h"
#include "khop/web/pages.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

static int assets(void)
{
    const struct web_asset *a;

    for (size_t i = 0; (a = web_asset_at(i)) != NULL; i++) {
        struct buf hex;

        buf_init(&hex, 1 << 20);
        enc_hex(&hex, a->bytes, a->n);
        printf("%s\t%s\t%zu\t%s\n", a->name, a->type, a->gzip_n, hex.p);
        buf_release(&hex);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*make)(const json_t *doc, const char *lang, struct buf *out);
    } PAGES[] = { { "pay", web_pay_page }, { "receipt", web_receipt_page }, { "error", web_error_page }, { "home", web_home_page } };

    if (argc == 2 && strcmp(argv[1], "--assets") == 0)
        return assets();
    json_t *doc = json_loadf(stdin, 0, NULL);
    int rc = RC_NOT_FOUND;
    struct buf out;

    buf_init(&out, WEB_PAGE_MAX);
    for (size_t i = 0; argc == 3 && doc != NULL && i < sizeof PAGES / sizeof PAGES[0]; i++) {
        if (strcmp(argv[1], PAGES[i].name) == 0)
            rc = PAGES[i].make(doc, argv[2], &out);
    }
    if (rc == RC_OK)
        fwrite(out.p, 1, out.n, stdout);
    else
        fprintf(stderr, "web_render: %s\n", rc_name(rc));
    buf_release(&out);
    json_decref(doc);
    web_pages_stop();
    return rc == RC_OK ? 0 : 1;
}
