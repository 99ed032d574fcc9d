/* Chunked bodies: size, CRLF, data, CRLF … 0, CRLF, CRLF. Eight digits at most, so a size fits 32 bits and a line of
 * digits cannot grow in memory. */
#include "khop/http/parse.h"
#include "chars.h"
#include "khop/base/banned.h"

#define CHUNK_DIGITS_MAX 8

enum chunk_state {
    CHUNK_SIZE,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_END_CR,
    CHUNK_END_LF,
    CHUNK_BAD
};

void http_chunks_init(struct http_chunks *c)
{
    *c = (struct http_chunks){ .state = CHUNK_SIZE };
}

static uint32_t hex_value(char c)
{
    if (c <= '9')
        return (uint32_t)(c - '0');
    return (uint32_t)((c | 0x20) - 'a') + 10;
}

/* The state behind one byte that is not data. */
static enum chunk_state chunk_step(struct http_chunks *c, char byte)
{
    switch ((enum chunk_state)c->state) {
    case CHUNK_SIZE:
        if (char_is(byte, CHAR_HEX) && c->digits < CHUNK_DIGITS_MAX) {
            c->digits++;
            c->left = c->left << 4 | hex_value(byte);
            return CHUNK_SIZE;
        }
        return byte == '\r' && c->digits > 0 ? CHUNK_SIZE_LF : CHUNK_BAD;
    case CHUNK_SIZE_LF:
        c->digits = 0;
        if (byte != '\n')
            return CHUNK_BAD;
        return c->left > 0 ? CHUNK_DATA : CHUNK_END_CR;
    case CHUNK_DATA_CR:
        return byte == '\r' ? CHUNK_DATA_LF : CHUNK_BAD;
    case CHUNK_DATA_LF:
        return byte == '\n' ? CHUNK_SIZE : CHUNK_BAD;
    case CHUNK_END_CR: /* anything else would be a trailer field */
        return byte == '\r' ? CHUNK_END_LF : CHUNK_BAD;
    case CHUNK_END_LF: /* the caller has seen the end when this is right */
    case CHUNK_DATA:
    case CHUNK_BAD:
        break;
    }
    return CHUNK_BAD;
}

int http_chunks_feed(struct http_chunks *c, struct slice *in, struct slice *data)
{
    while (in->n > 0) {
        if (c->state == CHUNK_DATA) {
            *data = slice_sub(*in, 0, c->left);
            *in = slice_sub(*in, data->n, in->n);
            c->left -= (uint32_t)data->n;
            if (c->left == 0)
                c->state = CHUNK_DATA_CR;
            return HTTP_PARSE_DATA;
        }

        char byte = in->p[0];

        *in = slice_sub(*in, 1, in->n);
        if (c->state == CHUNK_END_LF && byte == '\n') {
            http_chunks_init(c);
            return HTTP_PARSE_DONE;
        }
        c->state = (uint8_t)chunk_step(c, byte);
        if (c->state == CHUNK_BAD)
            return -400;
    }
    return HTTP_PARSE_MORE;
}
