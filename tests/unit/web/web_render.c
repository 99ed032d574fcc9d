/* A page of a document on standard input, as the server makes it; the static files as a list of name, type and hex.
 *   web_render pay|receipt|error|home LANG      web_render desk LANG [FILE]      web_render --assets      web_render --qr
 * A signed-in page has its template's name in the document; FILE is a further template that it may name.
 * --qr: of each line the symbol that papers have, as its side and its modules. */
#include "khop/base/enc.h"
#include "khop/print/qr.h"
#include "khop/web/mustache.h"
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

static int symbols(void)
{
    char line[1024];

    while (fgets(line, sizeof line, stdin) != NULL) {
        struct slice text = { line, strcspn(line, "\n") };
        struct print_qr qr;

        if (print_qr_make(&qr, text, PRINT_QR_M) < 0)
            return 1;
        printf("%d ", qr.side);
        for (int i = 0; i < qr.side * qr.side; i++)
            putchar(qr.dark[i] != 0 ? '1' : '0');
        putchar('\n');
        print_qr_release(&qr);
    }
    return 0;
}

static int desk_page(const json_t *doc, const char *lang, struct buf *out)
{
    const char *template = json_string_value(json_object_get(doc, "template"));

    return template == NULL ? RC_BAD_INPUT : web_desk_page(template, doc, lang, out);
}

/* Compiles the set with a template of a file in it. */
static int add_template(const char *path)
{
    static char text[1 << 18];
    FILE *f = fopen(path, "r");
    size_t n = f == NULL ? 0 : fread(text, 1, sizeof text, f);
    const char *name = strrchr(path, '/');
    char error[200];

    if (f != NULL)
        fclose(f);
    const struct mustache_source more = { name == NULL ? path : name + 1, text, n };

    if (web_pages_start_more(&more, error, sizeof error) == RC_OK)
        return RC_OK;
    fprintf(stderr, "web_render: %s\n", error);
    return RC_BAD_INPUT;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*make)(const json_t *doc, const char *lang, struct buf *out);
    } PAGES[] = { { "pay", web_pay_page }, { "receipt", web_receipt_page }, { "error", web_error_page }, { "home", web_home_page }, { "desk", desk_page } };

    if (argc == 2 && strcmp(argv[1], "--assets") == 0)
        return assets();
    if (argc == 2 && strcmp(argv[1], "--qr") == 0)
        return symbols();
    if (argc == 4 && add_template(argv[3]) < 0)
        return 1;
    json_t *doc = json_loadf(stdin, 0, NULL);
    int rc = RC_NOT_FOUND;
    struct buf out;

    buf_init(&out, WEB_PAGE_MAX);
    for (size_t i = 0; argc >= 3 && doc != NULL && i < sizeof PAGES / sizeof PAGES[0]; i++) {
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
