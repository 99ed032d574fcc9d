/* Target and Host, as the head's reader needs them. */
#ifndef KHOP_HTTP_PARSE_PARTS_H
#define KHOP_HTTP_PARSE_PARTS_H

#include "khop/http/parse.h"

/* Bytes of 0x21–0x7E without '#' and '\', whole escapes, no %00; begins with '/' or a scheme of ours. */
bool parse_target_valid(struct slice target);
/* Sets path and query; an absolute target (RFC 9112 §3.2.2) must name the very Host that was sent. */
bool parse_target_split(struct http_head *h);
/* host [":" port]: *name is the host, with the brackets of an IPv6 literal. */
bool parse_host(struct slice value, struct slice *name);

#endif
