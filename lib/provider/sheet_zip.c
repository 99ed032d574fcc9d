#include "sheet_private.h"
#include "sheet_zip.h"

#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define WINDOW          16384
#define TOKEN_MAX       (512 * 1024) /* one tag, comment or run of text in the parser's hands */
#define RATIO_FROM      (UINT64_C(1) << 20)
#define SEPARATOR       '\xff' /* between the name of a namespace and a local name; no URI has it */

zip_t *sheet_zip_open(struct slice file, enum sheet_fault *fault)
{
    zip_error_t error;
    zip_source_t *source;
    zip_t *zip;

    *fault = SHEET_FINE;
    zip_error_init(&error);
    source = zip_source_buffer_create(file.p, file.n, 0, &error);
    if (source == NULL) {
        zip_error_fini(&error);
        return NULL;
    }
    zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (zip == NULL) {
        zip_source_free(source);
        if (zip_error_code_zip(&error) != ZIP_ER_MEMORY)
            *fault = SHEET_BROKEN_ARCHIVE;
    } else if (zip_get_num_entries(zip, 0) > SHEET_ENTRIES_MAX) {
        *fault = SHEET_BOMB;
        zip_discard(zip);
        zip = NULL;
    }
    zip_error_fini(&error);
    return zip;
}

static zip_int64_t find(zip_t *zip, const char *name)
{
    zip_int64_t at = zip_name_locate(zip, name, 0);

    return at >= 0 ? at : zip_name_locate(zip, name, ZIP_FL_NOCASE);
}

bool sheet_zip_has(zip_t *zip, const char *name)
{
    return find(zip, name) >= 0;
}

/* Only what office programs write: deflated or stored, not encrypted, of a believable size. */
static enum sheet_fault check_entry(const zip_stat_t *st)
{
    if ((st->valid & ZIP_STAT_COMP_METHOD) != 0 && st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE)
        return SHEET_BROKEN_ARCHIVE;
    if ((st->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && st->encryption_method != ZIP_EM_NONE)
        return SHEET_OLD_EXCEL; /* says: without a password */
    if ((st->valid & ZIP_STAT_SIZE) == 0 || (st->valid & ZIP_STAT_COMP_SIZE) == 0)
        return SHEET_BROKEN_ARCHIVE;
    if (st->size > SHEET_UNPACKED_MAX || (st->size > RATIO_FROM && st->size / SHEET_RATIO_MAX > st->comp_size))
        return SHEET_BOMB;
    return SHEET_FINE;
}

static void XMLCALL refuse_doctype(void *arg, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
    struct sheet_xml *x = arg;

    (void)name;
    (void)sysid;
    (void)pubid;
    (void)internal;
    sheet_xml_stop(x, SHEET_FORBIDDEN_XML);
}

enum sheet_fault sheet_xml_begin(struct sheet_xml *x, zip_t *zip, const char *name, const struct sheet_xml_handlers *h)
{
    zip_int64_t at = find(zip, name);
    zip_stat_t st;
    enum sheet_fault fault;

    *x = (struct sheet_xml){ 0 };
    zip_stat_init(&st);
    if (at < 0 || zip_stat_index(zip, (zip_uint64_t)at, 0, &st) < 0)
        return SHEET_BROKEN_ARCHIVE;
    fault = check_entry(&st);
    if (fault != SHEET_FINE)
        return fault;
    x->packed = st.comp_size;
    x->entry = zip_fopen_index(zip, (zip_uint64_t)at, 0);
    x->parser = XML_ParserCreateNS(NULL, SEPARATOR);
    if (x->entry == NULL || x->parser == NULL) {
        fault = SHEET_BROKEN_ARCHIVE;
        sheet_xml_end(x);
        return fault;
    }
    x->arg = h->arg;
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, h->start, h->end);
    XML_SetCharacterDataHandler(x->parser, h->text);
    XML_SetStartDoctypeDeclHandler(x->parser, refuse_doctype);
    return SHEET_FINE;
}

void sheet_xml_end(struct sheet_xml *x)
{
    if (x->parser != NULL)
        XML_ParserFree(x->parser);
    if (x->entry != NULL)
        (void)zip_fclose(x->entry);
    x->parser = NULL;
    x->entry = NULL;
}

void sheet_xml_pause(struct sheet_xml *x)
{
    (void)XML_StopParser(x->parser, XML_TRUE);
}

void sheet_xml_stop(struct sheet_xml *x, enum sheet_fault fault)
{
    x->fault = fault;
    (void)XML_StopParser(x->parser, XML_FALSE);
}

/* Unpacks and parses one window. */
static enum XML_Status feed(struct sheet_xml *x)
{
    void *to = XML_GetBuffer(x->parser, WINDOW);
    zip_int64_t n;

    if (to == NULL) {
        x->nomem = true;
        return XML_STATUS_ERROR;
    }
    n = zip_fread(x->entry, to, WINDOW);
    if (n < 0) {
        x->fault = SHEET_BROKEN_ARCHIVE;
        return XML_STATUS_ERROR;
    }
    x->fed += (uint64_t)n;
    /* The archive's own sizes may lie. */
    if (x->fed > SHEET_UNPACKED_MAX || (x->fed > RATIO_FROM && x->fed / SHEET_RATIO_MAX > x->packed)) {
        x->fault = SHEET_BOMB;
        return XML_STATUS_ERROR;
    }
    x->ended = n == 0;
    return XML_ParseBuffer(x->parser, (int)n, n == 0);
}

static void note_error(struct sheet_xml *x)
{
    if (x->fault != SHEET_FINE || x->nomem)
        return;
    if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
        x->nomem = true;
    else
        x->fault = SHEET_BROKEN_XML;
}

bool sheet_xml_run(struct sheet_xml *x)
{
    while (!x->ended || x->paused) {
        enum XML_Status status = x->paused ? XML_ResumeParser(x->parser) : feed(x);

        x->paused = status == XML_STATUS_SUSPENDED;
        if (x->paused)
            return true;
        if (status != XML_STATUS_OK) {
            note_error(x);
            return false;
        }
        XML_Index at = XML_GetCurrentByteIndex(x->parser);

        if (at >= 0 && x->fed - (uint64_t)at > TOKEN_MAX) {
            x->fault = SHEET_BROKEN_XML;
            return false;
        }
    }
    return false;
}

int sheet_xml_read(zip_t *zip, const char *name, const struct sheet_xml_handlers *h, enum sheet_fault *fault)
{
    struct sheet_xml x;

    *fault = sheet_xml_begin(&x, zip, name, h);
    if (*fault != SHEET_FINE)
        return sheet_fault_rc(*fault);
    (void)sheet_xml_run(&x);
    sheet_xml_end(&x);
    *fault = x.fault;
    return x.nomem ? RC_NOMEM : sheet_fault_rc(x.fault);
}

const char *sheet_xml_local(const char *name)
{
    const char *at = strrchr(name, SEPARATOR);

    return at == NULL ? name : at + 1;
}

const char *sheet_xml_attribute(const char **attributes, const char *local)
{
    for (; attributes[0] != NULL; attributes += 2) {
        if (strcmp(sheet_xml_local(attributes[0]), local) == 0)
            return attributes[1];
    }
    return NULL;
}
