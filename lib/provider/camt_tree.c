#include "camt_tree.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

bool camt_is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

xmlNodePtr camt_child(const xmlNode *n, const char *name)
{
    for (xmlNodePtr c = n == NULL ? NULL : n->children; c != NULL; c = c->next) {
        if (camt_is(c, name))
            return c;
    }
    return NULL;
}

static xmlNodePtr camt_at(const xmlNode *n, const char *path)
{
    struct slice rest = slice_of(path);
    xmlNodePtr c = NULL;

    while (rest.n > 0 && n != NULL) {
        struct slice part = slice_cut(&rest, '/');
        char name[40];

        if (part.n >= sizeof name)
            return NULL;
        memcpy(name, part.p, part.n);
        name[part.n] = '\0';
        c = camt_child(n, name);
        n = c;
    }
    return n == NULL ? NULL : c;
}

/* The text directly in an element, which without entities is one node or a few. */
struct slice camt_raw_text(const xmlNode *n)
{
    const xmlNode *t = n == NULL ? NULL : n->children;

    while (t != NULL && t->type != XML_TEXT_NODE && t->type != XML_CDATA_SECTION_NODE)
        t = t->next;
    return t == NULL || t->content == NULL ? SLICE("") : slice_of((const char *)t->content);
}

static struct slice camt_text(const xmlNode *n)
{
    return slice_trim(camt_raw_text(n));
}

struct slice camt_text_at(const xmlNode *n, const char *path)
{
    return camt_text(camt_at(n, path));
}

static bool is_vnd(const xmlNode *amount)
{
    for (const xmlAttr *a = amount->properties; a != NULL; a = a->next) {
        if (strcmp((const char *)a->name, "Ccy") == 0)
            return a->children != NULL && a->children->content != NULL && strcmp((const char *)a->children->content, "VND") == 0;
    }
    return false;
}

int camt_amount_at(const xmlNode *n, const char *path, int64_t *out)
{
    const xmlNode *a = camt_at(n, path);

    if (a == NULL || !is_vnd(a))
        return RC_BAD_INPUT;
    return statement_decimal(camt_text(a), out);
}

int camt_way(const xmlNode *n)
{
    struct slice s = camt_text_at(n, "CdtDbtInd");

    return slice_is(s, "CRDT") ? 1 : slice_is(s, "DBIT") ? -1 : 0;
}

int camt_moment_at(const xmlNode *n, const char *name, struct statement_line *l)
{
    const xmlNode *d = camt_child(n, name);
    struct slice dt = camt_text_at(d, "Dt"), dttm = camt_text_at(d, "DtTm");
    int64_t us;

    if (dt.n >= 10)
        return clock_parse_date(slice_sub(dt, 0, 10), &l->day);
    if (dttm.n == 0)
        return RC_NOT_FOUND;
    if (clock_parse_rfc3339(dttm, &us) < 0 && clock_parse_local(dttm, &us) < 0)
        return RC_BAD_INPUT;
    l->day = clock_day(us, CLOCK_VN_OFFSET_S);
    l->has_second = true;
    l->second = (int32_t)((us / CLOCK_US + CLOCK_VN_OFFSET_S) % 86400);
    return RC_OK;
}

struct slice camt_first_text(const xmlNode *n, const char *const *paths)
{
    for (; *paths != NULL; paths++) {
        struct slice s = camt_text_at(n, *paths);

        if (s.n > 0 && !slice_is(s, "NOTPROVIDED"))
            return s;
    }
    return SLICE("");
}
