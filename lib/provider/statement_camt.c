/* camt.053 (statement) and camt.054 (notification), any version: names of elements are compared without their namespace. Read with a pull parser; only
 * the entry at hand is a tree. No network, no entities, no document type. An entry is the bank's line; where it is a batch, each detail is a line of
 * its own, for each may pay something else. Details that do not add up to their entry are a fault. */
#include "camt_tree.h"

#include "khop/base/clock.h"
#include <libxml/xmlreader.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define DETAILS_MAX 100000

struct camt {
    xmlTextReaderPtr reader;
    bool ours, any;
    int32_t entry;       /* entries seen */
    xmlNodePtr node;     /* the batch at hand */
    xmlNodePtr detail;   /* its next detail */
    int32_t detail_no;
    const char *kind;
};

static void close_reader(struct camt *c)
{
    if (c->reader != NULL) {
        (void)xmlTextReaderClose(c->reader);
        xmlFreeTextReader(c->reader);
    }
    c->reader = NULL;
    c->node = c->detail = NULL;
}

static void close_camt(struct statement *s)
{
    struct camt *c = s->own;

    if (c != NULL)
        close_reader(c);
    free(c);
    s->own = NULL;
}

static void be_silent(void *arg, const char *message, xmlParserSeverities severity, xmlTextReaderLocatorPtr where)
{
    (void)arg;
    (void)message;
    (void)severity;
    (void)where;
}

/* --- texts of a line --- */

/* All that the payer wrote: unstructured parts joined, a structured reference, else what the bank says of it. */
static void put_remittance(struct buf *out, const xmlNode *detail, const xmlNode *entry)
{
    const xmlNode *info = camt_child(detail, "RmtInf");

    for (const xmlNode *u = info == NULL ? NULL : info->children; u != NULL; u = u->next) {
        if (camt_is(u, "Ustrd")) /* cut after 140 letters, wherever that is */
            buf_put_slice(out, camt_raw_text(u));
    }
    struct slice structured = camt_text_at(detail, "RmtInf/Strd/CdtrRefInf/Ref");

    if (structured.n > 0) {
        if (out->n > 0)
            buf_putc(out, ' ');
        buf_put_slice(out, structured);
    }
    if (out->n == 0)
        buf_put_slice(out, camt_text_at(detail, "AddtlTxInf"));
    if (out->n == 0)
        buf_put_slice(out, camt_text_at(entry, "AddtlNtryInf"));
}

static int put_texts(struct statement *s, const xmlNode *entry, const xmlNode *detail, bool batch, struct statement_line *l)
{
    static const char *const of_detail[] = { "Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "Refs/InstrId", NULL };
    static const char *const in_name[] = { "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", NULL };
    static const char *const out_name[] = { "RltdPties/Cdtr/Nm", "RltdPties/Cdtr/Pty/Nm", NULL };
    static const char *const in_account[] = { "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id", NULL };
    static const char *const out_account[] = { "RltdPties/CdtrAcct/Id/IBAN", "RltdPties/CdtrAcct/Id/Othr/Id", NULL };
    struct slice bank = camt_text_at(entry, "AcctSvcrRef"), own = camt_first_text(detail, of_detail);
    struct statement_text reference, memo, name, account;
    struct buf b;
    int rc;

    l->unique = batch ? camt_text_at(detail, "Refs/AcctSvcrRef").n > 0 : bank.n > 0;
    rc = statement_text_put(s, batch || bank.n == 0 ? (own.n > 0 ? own : bank) : bank, STATEMENT_REF_MAX, &reference);
    buf_init(&b, 64 * 1024);
    put_remittance(&b, detail, entry);
    if (rc >= 0)
        rc = statement_text_put(s, buf_slice(&b), STATEMENT_MEMO_MAX, &memo);
    buf_release(&b);
    if (rc >= 0)
        rc = statement_text_put(s, camt_first_text(detail, l->amount > 0 ? in_name : out_name), STATEMENT_REF_MAX, &name);
    if (rc >= 0)
        rc = statement_text_put(s, camt_first_text(detail, l->amount > 0 ? in_account : out_account), STATEMENT_REF_MAX, &account);
    if (rc < 0)
        return rc;
    l->reference = statement_text_of(s, reference);
    l->memo = statement_text_of(s, memo);
    l->counter_name = statement_text_of(s, name);
    l->counter_account = statement_text_of(s, account);
    l->unique = l->unique && l->reference.n > 0;
    return RC_OK;
}

/* --- entries --- */

static xmlNodePtr next_detail(const xmlNode *from)
{
    for (xmlNodePtr n = from->next;; n = n->next) {
        if (n == NULL) { /* the next NtryDtls, if there is one */
            const xmlNode *group = from->parent;

            for (group = group->next; group != NULL; group = group->next) {
                if (camt_is(group, "NtryDtls") && camt_child(group, "TxDtls") != NULL)
                    return camt_child(group, "TxDtls");
            }
            return NULL;
        }
        if (camt_is(n, "TxDtls"))
            return n;
    }
}

static xmlNodePtr first_detail(const xmlNode *entry)
{
    for (xmlNodePtr n = entry->children; n != NULL; n = n->next) {
        if (camt_is(n, "NtryDtls") && camt_child(n, "TxDtls") != NULL)
            return camt_child(n, "TxDtls");
    }
    return NULL;
}

static bool is_reversal(const xmlNode *entry)
{
    return slice_is(camt_text_at(entry, "RvslInd"), "true") || slice_is(camt_text_at(entry, "RvslInd"), "1");
}

static int detail_amount(const xmlNode *detail, int64_t *out)
{
    if (camt_amount_at(detail, "Amt", out) == RC_OK)
        return RC_OK;
    return camt_amount_at(detail, "AmtDtls/TxAmt/Amt", out);
}

enum parts { PARTS_NONE, PARTS_SPLIT, PARTS_WRONG };

static bool details_of_many(const xmlNode *first)
{
    return first != NULL && next_detail(first) != NULL;
}

/* What the details of an entry are to it: nothing (one that does not differ; a bank that gives no amounts), its parts, or something else. *sum: of
 * those that have amounts. A detail may go the other way than its entry; a reversal's details say how the first payment went. */
static enum parts parts_of(const xmlNode *entry, int64_t amount, int64_t *sum)
{
    const xmlNode *first = first_detail(entry);
    bool many = details_of_many(first);
    int32_t n = 0, said = 0;
    int64_t v;

    *sum = 0;
    for (const xmlNode *d = first; d != NULL; d = next_detail(d), n++) {
        int way = is_reversal(entry) || !many ? 0 : camt_way(d);

        if (n == DETAILS_MAX)
            return PARTS_WRONG;
        /* What one payment was before charges may differ from what came of it. */
        if ((many ? detail_amount(d, &v) : camt_amount_at(d, "Amt", &v)) < 0)
            continue;
        said++;
        if (money_add(*sum, way != 0 && way != camt_way(entry) ? -v : v, sum) < 0)
            return PARTS_WRONG;
    }
    if (said == 0)
        return PARTS_NONE;
    if (said < n || *sum != amount)
        return PARTS_WRONG;
    return many ? PARTS_SPLIT : PARTS_NONE;
}

static bool is_booked(const xmlNode *entry)
{
    struct slice plain = camt_text_at(entry, "Sts"), coded = camt_text_at(entry, "Sts/Cd");

    return slice_is(coded.n > 0 ? coded : plain, "BOOK");
}

static int entry_line(struct statement *s, struct camt *c, const xmlNode *entry, const xmlNode *detail, bool batch, struct statement_line *l)
{
    int way = camt_way(entry), rc;

    if (batch && way != 0 && camt_way(detail) != 0 && !is_reversal(entry))
        way = camt_way(detail);
    l->row = c->entry;
    if (way == 0 || (batch ? detail_amount(detail, &l->amount) : camt_amount_at(entry, "Amt", &l->amount)) < 0 || !money_ok(l->amount))
        return statement_wrong(s, c->entry, "amount", "The amount is not a whole number of VND with a sign.");
    l->amount *= way;
    l->reversal = is_reversal(entry);
    rc = camt_moment_at(entry, "BookgDt", l);
    l->by_value = rc == RC_NOT_FOUND;
    if (l->by_value)
        rc = camt_moment_at(entry, "ValDt", l);
    if (rc < 0)
        return statement_wrong(s, c->entry, "date", "The date cannot be read.");
    rc = put_texts(s, entry, detail, batch, l);
    return rc < 0 ? rc : STATEMENT_MORE;
}

static int take_entry(struct statement *s, struct camt *c, xmlNodePtr entry, struct statement_line *l)
{
    xmlNodePtr first = first_detail(entry);
    enum parts parts = PARTS_NONE;
    int64_t amount, sum = 0;

    c->entry++;
    if (!is_booked(entry))
        return STATEMENT_END; /* pending: it may never happen */
    if (camt_amount_at(entry, "Amt", &amount) == RC_OK)
        parts = parts_of(entry, amount, &sum);
    if (parts == PARTS_WRONG) /* the entry counts all the same in the sums of the file */
        (void)statement_wrong_sums(s, c->entry, "details", "The payments of this entry do not add up to its amount.", sum, amount);
    if (parts == PARTS_SPLIT) {
        c->node = entry;
        c->detail = next_detail(first);
        return entry_line(s, c, entry, first, true, l);
    }
    /* Many payments in one sum: the words of one of them are not those of all. */
    return entry_line(s, c, entry, details_of_many(first) ? NULL : first, false, l);
}

static void take_balance(struct statement *s, const xmlNode *b)
{
    struct slice type = camt_text_at(b, "Tp/CdOrPrtry/Cd");
    int64_t v;

    if (!slice_is(type, "OPBD") && !slice_is(type, "PRCD") && !slice_is(type, "CLBD"))
        return;
    if (camt_amount_at(b, "Amt", &v) < 0) {
        (void)statement_wrong(s, s->at, "balance", "A balance cannot be read: whole đồng of VND are expected.");
        return;
    }
    v *= camt_way(b) < 0 ? -1 : 1;
    if (slice_is(type, "CLBD"))
        statement_closing(s, v);
    else if (!s->about.has_opening || s->checked)
        statement_opening(s, v);
}

static void take_period(struct statement *s, const xmlNode *p)
{
    int32_t from, to;
    struct slice a = camt_text_at(p, "FrDtTm"), b = camt_text_at(p, "ToDtTm");

    if (a.n < 10)
        a = camt_text_at(p, "FrDt");
    if (b.n < 10)
        b = camt_text_at(p, "ToDt");
    if (a.n >= 10 && b.n >= 10 && clock_parse_date(slice_sub(a, 0, 10), &from) == RC_OK && clock_parse_date(slice_sub(b, 0, 10), &to) == RC_OK)
        statement_period(s, from, to);
}

static struct slice account_of(const xmlNode *acct)
{
    static const char *const paths[] = { "Id/Othr/Id", "Id/IBAN", NULL };

    return camt_first_text(acct, paths);
}

/* --- the stream --- */

static int broken_xml(struct statement *s, struct camt *c)
{
    return statement_broken(s, c->entry, "broken_xml", "The XML is damaged, or the file is cut off.");
}

/* One node of interest; STATEMENT_END: go on. */
static int visit(struct statement *s, struct camt *c, struct statement_line *l)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(c->reader);
    int type = xmlTextReaderNodeType(c->reader);
    xmlNodePtr node;

    if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE)
        return statement_broken(s, c->entry, "forbidden_xml", "The file has a document type or entities, which are not allowed.");
    if (type != XML_READER_TYPE_ELEMENT || name == NULL)
        return STATEMENT_END;
    if (strcmp(name, "Stmt") == 0 || strcmp(name, "Ntfctn") == 0) {
        c->ours = true; /* until its account says otherwise */
        c->kind = name[0] == 'S' ? "camt.053" : "camt.054";
        return STATEMENT_END;
    }
    if (!c->ours || (strcmp(name, "Acct") != 0 && strcmp(name, "Bal") != 0 && strcmp(name, "FrToDt") != 0 && strcmp(name, "Ntry") != 0))
        return STATEMENT_END;
    node = xmlTextReaderExpand(c->reader);
    if (node == NULL)
        return broken_xml(s, c);
    if (strcmp(name, "Acct") == 0 && camt_is(node->parent, "Stmt") + camt_is(node->parent, "Ntfctn") > 0) {
        c->ours = statement_same_account(account_of(node), s->account_no);
        c->any = c->any || c->ours;
        return c->ours && statement_set_account(s, account_of(node)) < 0 ? RC_NOMEM : STATEMENT_END;
    }
    if (strcmp(name, "Bal") == 0)
        take_balance(s, node);
    else if (strcmp(name, "FrToDt") == 0)
        take_period(s, node);
    else if (strcmp(name, "Ntry") == 0)
        return take_entry(s, c, node, l);
    return STATEMENT_END;
}

static int next_line(struct statement *s, struct statement_line *l)
{
    struct camt *c = s->own;
    int rc, read;

    if (c->detail != NULL) {
        xmlNodePtr detail = c->detail;

        c->detail = next_detail(detail);
        return entry_line(s, c, c->node, detail, true, l);
    }
    while ((read = xmlTextReaderRead(c->reader)) == 1) {
        s->at = c->entry;
        rc = visit(s, c, l);
        if (rc != STATEMENT_END)
            return rc;
    }
    return read < 0 ? broken_xml(s, c) : STATEMENT_END;
}

static int rewind_camt(struct statement *s)
{
    struct camt *c = s->own;

    close_reader(c);
    c->ours = c->any = false;
    c->entry = 0;
    if (s->file.n > INT32_MAX)
        return RC_TOO_LARGE;
    c->reader = xmlReaderForMemory(s->file.p, (int)s->file.n, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    if (c->reader == NULL)
        return RC_NOMEM;
    xmlTextReaderSetErrorHandler(c->reader, be_silent, NULL);
    return RC_OK;
}

static const struct statement_ops ops = { .rewind = rewind_camt, .next = next_line, .close = close_camt };

/* Whose statement it is: the first accounts. */
static int find_account(struct statement *s, struct statement_fault *fault)
{
    struct camt *c = s->own;
    bool other = false;
    int read = 1, rc;

    while (!c->any && (read = xmlTextReaderRead(c->reader)) == 1) {
        const char *name = (const char *)xmlTextReaderConstLocalName(c->reader);
        struct statement_line none = { 0 };

        if (name != NULL && strcmp(name, "Ntry") == 0)
            continue;
        if (name != NULL && xmlTextReaderNodeType(c->reader) == XML_READER_TYPE_ELEMENT && (strcmp(name, "Bal") == 0 || strcmp(name, "FrToDt") == 0))
            continue; /* the check reads them */
        rc = visit(s, c, &none);
        if (rc == RC_NOMEM)
            return rc;
        if (s->broken) {
            *fault = s->faults[0];
            return RC_BAD_INPUT;
        }
        other = other || (c->kind != NULL && !c->ours);
    }
    if (read == 1)
        return RC_OK;
    if (other)
        *fault = (struct statement_fault){ 0, "other_account", "This is the statement of another account." };
    else
        *fault = (struct statement_fault){ 0, "not_a_statement", "This is no camt.053 or camt.054 with an account, or its XML is damaged." };
    return RC_BAD_INPUT;
}

int statement_camt_open(struct statement *s, struct statement_fault *fault)
{
    struct camt *c = calloc(1, sizeof *c);
    int rc;

    if (c == NULL)
        return RC_NOMEM;
    s->own = c;
    s->ops = &ops;
    c->kind = NULL;
    rc = rewind_camt(s);
    if (rc >= 0)
        rc = find_account(s, fault);
    s->about.profile = c->kind == NULL ? "camt.053" : c->kind;
    s->about.format = "camt";
    return rc < 0 ? rc : rewind_camt(s);
}
