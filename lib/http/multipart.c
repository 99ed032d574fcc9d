/* Parts of a form with a file. The delimiter (CR LF -- boundary) holds one CR, at its front: bytes that began to look like it
 * and then did not are data, and no later delimiter can begin within them. */
#include "khop/http/multipart.h"

#include "khop/base/utf8.h"
#include "khop/http/parse.h"

#include "khop/base/banned.h"

enum state {
    OPENING, /* the first delimiter, without its CR LF */
    BEHIND,  /* behind a delimiter: CR LF or "--" */
    BEHIND_CR,
    BEHIND_DASH,
    HEADERS,
    VALUE,   /* of a field */
    DATA,    /* of a file */
    CLOSED,  /* behind the last delimiter: nothing, or CR LF */
    CLOSED_CR,
    OVER,
};

static bool is_boundary(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c != '\0' && strchr("'()+_,-./:=?", c) != NULL);
}

/* Takes ';' name '=' value from the front of a header's parameters; the value is a token or quoted. Browsers write a quote
 * within a value as %22 and a line end as %0D%0A: what stands there is taken as it is. */
static int parameter(struct slice *rest, struct slice *name, struct slice *value)
{
    const char *quote;

    *rest = slice_trim(*rest);
    if (rest->n == 0)
        return 0;
    if (rest->p[0] != ';')
        return RC_BAD_INPUT;
    *rest = slice_sub(*rest, 1, rest->n);
    *rest = slice_trim(*rest);
    if (memchr(rest->p, '=', rest->n) == NULL)
        return RC_BAD_INPUT;
    *name = slice_cut(rest, '=');
    if (rest->n > 0 && rest->p[0] == '"') {
        *rest = slice_sub(*rest, 1, rest->n);
        quote = rest->n == 0 ? NULL : memchr(rest->p, '"', rest->n);
        if (quote == NULL)
            return RC_BAD_INPUT;
        *value = (struct slice){ rest->p, (size_t)(quote - rest->p) };
        *rest = slice_sub(*rest, value->n + 1, rest->n);
    } else {
        size_t n = 0;

        while (n < rest->n && rest->p[n] != ';' && rest->p[n] != ' ' && rest->p[n] != '\t')
            n++;
        *value = slice_sub(*rest, 0, n);
        *rest = slice_sub(*rest, n, rest->n);
    }
    return http_is_token(*name) ? 1 : RC_BAD_INPUT;
}

/* "text/csv; charset=utf-8" to "text/csv" and the rest. */
static struct slice media(struct slice *rest)
{
    size_t n = 0;

    *rest = slice_trim(*rest);
    while (n < rest->n && rest->p[n] != ';')
        n++;
    struct slice type = slice_trim(slice_sub(*rest, 0, n));

    *rest = slice_sub(*rest, n, rest->n);
    return type;
}

int http_multipart_init(struct http_multipart *m, struct slice content_type)
{
    struct slice name, value, boundary = { NULL, 0 };
    int rc;

    memset(m, 0, sizeof *m);
    if (!slice_eq_nocase(media(&content_type), SLICE("multipart/form-data")))
        return RC_BAD_INPUT;
    while ((rc = parameter(&content_type, &name, &value)) == 1) {
        if (!slice_eq_nocase(name, SLICE("boundary")) || boundary.p != NULL)
            return RC_BAD_INPUT;
        boundary = value;
    }
    if (rc < 0 || boundary.n == 0 || boundary.n > HTTP_BOUNDARY_MAX)
        return RC_BAD_INPUT;
    for (size_t i = 0; i < boundary.n; i++) {
        if (!is_boundary(boundary.p[i]))
            return RC_BAD_INPUT;
    }
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->ndelimiter = (uint8_t)(boundary.n + 4);
    m->matched = 2; /* the first one stands at the front of the body */
    return RC_OK;
}

/* --- headers of a part --- */

static int keep(char *to, size_t cap, uint8_t *n, struct slice s)
{
    if (s.n > cap)
        return RC_TOO_LARGE;
    if (s.n > 0)
        memcpy(to, s.p, s.n);
    *n = (uint8_t)s.n;
    return RC_OK;
}

/* What stands behind the last folder: some old browsers send the whole path. */
static struct slice base_name(struct slice path)
{
    for (size_t i = path.n; i > 0; i--) {
        if (path.p[i - 1] == '/' || path.p[i - 1] == '\\')
            return slice_sub(path, i, path.n);
    }
    return path;
}

static bool is_plain(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    }
    return utf8_valid(s);
}

static int disposition(struct http_multipart *m, struct slice line)
{
    struct slice name, value, field = { NULL, 0 }, file = { NULL, 0 };
    int rc;

    if (!slice_eq_nocase(media(&line), SLICE("form-data")))
        return RC_BAD_INPUT;
    while ((rc = parameter(&line, &name, &value)) == 1) {
        struct slice *slot = slice_eq_nocase(name, SLICE("name")) ? &field : slice_eq_nocase(name, SLICE("filename")) ? &file : NULL;

        if (slot == NULL || slot->p != NULL || !is_plain(value))
            return RC_BAD_INPUT;
        *slot = value;
    }
    if (rc < 0 || field.n == 0)
        return RC_BAD_INPUT;
    m->file = file.p != NULL;
    rc = keep(m->name, sizeof m->name, &m->nname, field);
    return rc < 0 ? rc : keep(m->filename, sizeof m->filename, &m->nfilename, base_name(file));
}

static int headers_read(struct http_multipart *m)
{
    struct slice rest = { m->text, m->ntext };
    bool placed = false, typed = false;
    int rc = RC_OK;

    m->ntype = 0;
    while (rc == RC_OK && rest.n > 0) {
        struct slice line = slice_cut(&rest, '\n'), name;

        if (line.n == 0 || line.p[line.n - 1] != '\r')
            return RC_BAD_INPUT;
        line.n--;
        if (line.n == 0)
            break;
        if (memchr(line.p, ':', line.n) == NULL)
            return RC_BAD_INPUT;
        name = slice_cut(&line, ':');
        if (slice_eq_nocase(name, SLICE("content-disposition")) && !placed) {
            placed = true;
            rc = disposition(m, line);
        } else if (slice_eq_nocase(name, SLICE("content-type")) && !typed) {
            typed = true;
            line = media(&line);
            rc = is_plain(line) ? keep(m->type, sizeof m->type, &m->ntype, line) : RC_BAD_INPUT;
        } else {
            return RC_BAD_INPUT;
        }
    }
    return rc < 0 ? rc : placed ? RC_OK : RC_BAD_INPUT;
}

/* --- the machine --- */

static int text_put(struct http_multipart *m, const char *p, size_t n)
{
    if (n > sizeof m->text - m->ntext)
        return RC_TOO_LARGE;
    memcpy(m->text + m->ntext, p, n);
    m->ntext = (uint16_t)(m->ntext + n);
    return RC_OK;
}

/* One byte of the headers; the last one opens the value or the file. */
static int header_byte(struct http_multipart *m, char c, struct http_part *part)
{
    int rc = text_put(m, &c, 1);

    if (rc < 0)
        return rc;
    if (c == '\n' && m->ntext <= 2)
        return RC_BAD_INPUT; /* no header at all */
    if (c != '\n' || m->ntext < 4 || memcmp(m->text + m->ntext - 4, "\r\n\r\n", 4) != 0)
        return HTTP_PART_MORE;
    rc = headers_read(m);
    if (rc < 0)
        return rc;
    m->ntext = 0;
    m->matched = 0;
    m->state = m->file ? DATA : VALUE;
    if (!m->file)
        return m->fields++ == HTTP_PART_FIELDS_MAX ? RC_TOO_LARGE : HTTP_PART_MORE;
    *part = (struct http_part){ .name = { m->name, m->nname }, .filename = { m->filename, m->nfilename }, .type = { m->type, m->ntype } };
    return HTTP_PART_FILE;
}

static int part_ended(struct http_multipart *m, struct http_part *part)
{
    struct slice value = { m->text, m->ntext };

    m->state = BEHIND;
    m->matched = 0;
    if (m->file) {
        m->ended = true;
        return HTTP_PART_END;
    }
    m->ntext = 0;
    if (!utf8_valid(value) || memchr(value.p, '\0', value.n) != NULL)
        return RC_BAD_INPUT;
    *part = (struct http_part){ .name = { m->name, m->nname }, .value = value };
    return HTTP_PART_FIELD;
}

/* Bytes of the part: given out of a file, kept of a field. */
static int content(struct http_multipart *m, struct slice bytes, struct http_part *part)
{
    if (!m->file)
        return text_put(m, bytes.p, bytes.n);
    *part = (struct http_part){ .value = bytes };
    return HTTP_PART_DATA;
}

/* A value or a file, up to its delimiter. */
static int content_feed(struct http_multipart *m, struct slice *in, struct http_part *part)
{
    while (in->n > 0) {
        if (m->matched == 0) {
            const char *cr = memchr(in->p, '\r', in->n);
            struct slice before = { in->p, cr == NULL ? in->n : (size_t)(cr - in->p) };

            *in = slice_sub(*in, before.n + (cr != NULL), in->n);
            m->matched = cr != NULL;
            if (before.n > 0) {
                int rc = content(m, before, part);

                if (rc != RC_OK)
                    return rc;
            }
            continue;
        }
        if (in->p[0] == m->delimiter[m->matched]) {
            *in = slice_sub(*in, 1, in->n);
            if (++m->matched == m->ndelimiter)
                return part_ended(m, part);
            continue;
        }
        struct slice not_it = { m->delimiter, m->matched };
        int rc;

        m->matched = 0;
        rc = content(m, not_it, part);
        if (rc != RC_OK)
            return rc;
    }
    return HTTP_PART_MORE;
}

/* One byte outside of parts. */
static int frame_byte(struct http_multipart *m, char c)
{
    switch ((enum state)m->state) {
    case OPENING:
        if (c != m->delimiter[m->matched++])
            return RC_BAD_INPUT;
        if (m->matched == m->ndelimiter)
            m->state = BEHIND;
        return RC_OK;
    case BEHIND:
        m->state = c == '\r' ? BEHIND_CR : BEHIND_DASH;
        return c == '\r' || c == '-' ? RC_OK : RC_BAD_INPUT;
    case BEHIND_CR:
        m->state = HEADERS;
        return c == '\n' && !m->ended ? RC_OK : RC_BAD_INPUT;
    case BEHIND_DASH:
        m->state = CLOSED;
        return c == '-' ? RC_OK : RC_BAD_INPUT;
    case CLOSED:
        m->state = CLOSED_CR;
        return c == '\r' ? RC_OK : RC_BAD_INPUT;
    case CLOSED_CR:
        m->state = OVER;
        return c == '\n' ? RC_OK : RC_BAD_INPUT;
    case HEADERS:
    case VALUE:
    case DATA:
    case OVER:
        break;
    }
    return RC_BAD_INPUT;
}

int http_multipart_feed(struct http_multipart *m, struct slice *in, struct http_part *part)
{
    int rc = m->failed;

    while (rc == RC_OK && in->n > 0) {
        if (m->state == VALUE || m->state == DATA) {
            rc = content_feed(m, in, part);
        } else {
            char c = in->p[0];

            *in = slice_sub(*in, 1, in->n);
            rc = m->state == HEADERS ? header_byte(m, c, part) : frame_byte(m, c);
        }
    }
    if (rc < 0)
        m->failed = rc;
    return rc;
}

bool http_multipart_whole(const struct http_multipart *m)
{
    return m->failed == RC_OK && (m->state == CLOSED || m->state == OVER);
}
