/* Entries of an XLSX archive as XML events, with every size bounded. Private to lib/provider/sheet_*.c. */
#ifndef KHOP_PROVIDER_SHEET_ZIP_H
#define KHOP_PROVIDER_SHEET_ZIP_H

#include "khop/provider/sheet.h"

#include <expat.h>
#include <zip.h>

struct sheet_xml {
    zip_file_t *entry;
    XML_Parser parser;
    uint64_t fed, packed;
    bool paused, ended;
    enum sheet_fault fault; /* set by a handler that stops the parser, or by what went wrong */
    bool nomem;
    void *arg; /* the handlers' own: they are called with the sheet_xml */
};

struct sheet_xml_handlers {
    XML_StartElementHandler start;
    XML_EndElementHandler end;
    XML_CharacterDataHandler text;
    void *arg;
};

/* NULL with *fault, or with SHEET_FINE when there was no memory. */
zip_t *sheet_zip_open(struct slice file, enum sheet_fault *fault);
bool sheet_zip_has(zip_t *zip, const char *name);
/* Begins an entry. Names of elements come as the parser gives them: sheet_xml_local takes the prefix off. SHEET_FINE, or why not. */
enum sheet_fault sheet_xml_begin(struct sheet_xml *x, zip_t *zip, const char *name, const struct sheet_xml_handlers *h);
void sheet_xml_end(struct sheet_xml *x);
/* Parses on until a handler pauses (true), or the entry ends or fails (false; then see x->fault and x->nomem). */
bool sheet_xml_run(struct sheet_xml *x);
void sheet_xml_pause(struct sheet_xml *x);
void sheet_xml_stop(struct sheet_xml *x, enum sheet_fault fault);
/* A whole entry at once. RC_OK, RC_NOMEM, or the rc of *fault. */
int sheet_xml_read(zip_t *zip, const char *name, const struct sheet_xml_handlers *h, enum sheet_fault *fault) RC_MUST;

const char *sheet_xml_local(const char *name);
/* An attribute by its local name; NULL: not there. */
const char *sheet_xml_attribute(const char **attributes, const char *local);

#endif
