#include "cases.h"
#include <assert.h>
#include <stdio.h>
#include "khop/base/banned.h"

#define C(name, bytes, parse, status, body)                                                                            \
    {                                                                                                                  \
        name, bytes, sizeof(bytes) - 1, parse, status, body                                                            \
    }
#define GOOD(name, bytes, status) C(name, bytes, 1, status, NULL)
#define BAD(name, bytes)          C(name, bytes, -400, 400, NULL)
#define MORE(name, bytes)         C(name, bytes, 0, 0, NULL)

#define H       "Host: h\r\n"
#define GET     "GET /a HTTP/1.1\r\n" H
#define POST    "POST /echo HTTP/1.1\r\n" H
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define END     "\r\n"

const struct http_case http_cases[] = {
    /* ---- what is right ---- */
    GOOD("get", GET END, 200),
    GOOD("head", "HEAD /a HTTP/1.1\r\n" H END, 200),
    C("post with length", POST "Content-Length: 5\r\n\r\nhello", 1, 200, "hello"),
    C("post of nothing", POST "Content-Length: 0\r\n\r\n", 1, 200, NULL),
    C("length of ten digits", POST "Content-Length: 0000000005\r\n\r\nhello", 1, 200, "hello"),
    GOOD("get with length 0", GET "Content-Length: 0\r\n\r\n", 200),
    C("chunked", CHUNKED "5\r\nhello\r\n0\r\n\r\n", 1, 200, "hello"),
    C("chunked in pieces", CHUNKED "1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n", 1, 200, "hello"),
    C("chunked, empty", CHUNKED "0\r\n\r\n", 1, 200, NULL),
    C("chunk size in capitals", CHUNKED "A\r\n0123456789\r\n0\r\n\r\n", 1, 200, "0123456789"),
    C("chunk size in small letters", CHUNKED "a\r\n0123456789\r\n0\r\n\r\n", 1, 200, "0123456789"),
    C("chunk size with zeros", CHUNKED "00000005\r\nhello\r\n00000000\r\n\r\n", 1, 200, "hello"),
    C("chunk data that looks like a chunk", CHUNKED "7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n", 1, 200, "0\r\n\r\n0\r"),
    GOOD("host with port", "GET /a HTTP/1.1\r\nHost: h:8080\r\n\r\n", 200),
    GOOD("host in capitals", "GET /a HTTP/1.1\r\nHOST: KHOP.Example\r\n\r\n", 200),
    GOOD("host is IPv4", "GET /a HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", 200),
    GOOD("host is IPv6", "GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200),
    GOOD("host is IPv6 without port", "GET /a HTTP/1.1\r\nHost: [::1]\r\n\r\n", 200),
    GOOD("foreign host", "GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    GOOD("host as prefix of ours", "GET /a HTTP/1.1\r\nHost: khop.example.evil\r\n\r\n", 421),
    GOOD("1.0 without host", "GET /a HTTP/1.0\r\n\r\n", 421),
    GOOD("1.0 with host", "GET /a HTTP/1.0\r\n" H END, 200),
    GOOD("absolute form", "GET http://h/a HTTP/1.1\r\n" H END, 200),
    GOOD("absolute form with port", "GET http://h:8080/a HTTP/1.1\r\nHost: h:8080\r\n\r\n", 200),
    GOOD("absolute form, other case", "GET HTTPS://KHOP.example/a HTTP/1.1\r\nHost: khop.example\r\n\r\n", 200),
    GOOD("value with tab and UTF-8", GET "X-Name: a\tb \xC4\x91\xE1\xBB\x93ng\r\n\r\n", 200),
    GOOD("empty value", GET "X-Empty:\r\n\r\n", 200),
    GOOD("blanks around a value", GET "X-Blank: \t v \t \r\n\r\n", 200),
    GOOD("no blank before a value", GET "X-Tight:v\r\n\r\n", 200),
    GOOD("every token character in a name", GET "!#$%&'*+-.^_`|~09azAZ: v\r\n\r\n", 200),
    GOOD("colons in a value", GET "X-Colon: a:b:c\r\n\r\n", 200),
    GOOD("query", "GET /a?b=c&d=%20+%C4%91 HTTP/1.1\r\n" H END, 200),
    GOOD("empty query", "GET /a? HTTP/1.1\r\n" H END, 200),
    GOOD("second question mark", "GET /a?b?c HTTP/1.1\r\n" H END, 200),
    GOOD("odd but visible target", "GET /items/!\"$&'()*+,-.:;<=>@[]^_`{|}~ HTTP/1.1\r\n" H END, 200),
    GOOD("unknown path", "GET /nowhere HTTP/1.1\r\n" H END, 404),
    GOOD("dots are not resolved", "GET /x/../a HTTP/1.1\r\n" H END, 404),
    GOOD("escapes are not decoded for routing", "GET /%61 HTTP/1.1\r\n" H END, 404),
    GOOD("two slashes are not one", "GET //a HTTP/1.1\r\n" H END, 404),
    GOOD("method not allowed here", "POST /a HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 405),
    GOOD("get where post is served", "GET /echo HTTP/1.1\r\n" H END, 405),
    GOOD("put", "PUT /a HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 405),
    GOOD("delete without length", "DELETE /a HTTP/1.1\r\n" H END, 405),
    GOOD("options", "OPTIONS /a HTTP/1.1\r\n" H END, 405),
    GOOD("trace", "TRACE /a HTTP/1.1\r\n" H END, 405),
    GOOD("unknown method", "BREW /a HTTP/1.1\r\n" H END, 501),
    GOOD("method in small letters", "get /a HTTP/1.1\r\n" H END, 501),
    GOOD("method that begins like get", "GETX /a HTTP/1.1\r\n" H END, 501),
    GOOD("connection close", GET "Connection: close\r\n\r\n", 200),
    GOOD("connection list", GET "Connection: keep-alive, , Upgrade\r\nUpgrade: h2c\r\n\r\n", 200),
    GOOD("connection names a framing field", GET "Connection: Host, Content-Length\r\n\r\n", 200),
    C("expect with the body behind it", POST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\nok", 1, 200, "ok"),
    C("expect in capitals", POST "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\nok", 1, 200, "ok"),
    GOOD("two requests", GET END GET END, 200),
    C("post, then another request", POST "Content-Length: 2\r\n\r\nok" GET END, 1, 200, "ok"),

    /* ---- what has not come yet ---- */
    MORE("nothing", ""),
    MORE("half a request line", "GET /a HT"),
    MORE("request line without LF", "GET /a HTTP/1.1\r"),
    MORE("no empty line", GET),
    MORE("half the end", GET "\r"),
    MORE("half a body", POST "Content-Length: 5\r\n\r\nhel"),
    MORE("half a chunk size", CHUNKED "0"),
    MORE("half a chunk", CHUNKED "5\r\nhel"),
    MORE("chunk without its CRLF", CHUNKED "5\r\nhello"),
    MORE("no end of chunks", CHUNKED "5\r\nhello\r\n0\r\n"),
    MORE("last byte missing", CHUNKED "5\r\nhello\r\n0\r\n\r"),

    /* ---- request line ---- */
    BAD("bare LF after the request line", "GET /a HTTP/1.1\n" H END),
    BAD("bare LF everywhere", "GET /a HTTP/1.1\nHost: h\n\n"),
    BAD("empty line first", "\r\n" GET END),
    BAD("blank first", " GET /a HTTP/1.1\r\n" H END),
    BAD("no method", "/a HTTP/1.1\r\n" H END),
    BAD("empty method", " /a HTTP/1.1\r\n" H END),
    BAD("method with a slash", "GE/T /a HTTP/1.1\r\n" H END),
    BAD("two blanks", "GET  /a HTTP/1.1\r\n" H END),
    BAD("two blanks before the version", "GET /a  HTTP/1.1\r\n" H END),
    BAD("tab as separator", "GET\t/a\tHTTP/1.1\r\n" H END),
    BAD("blank at the end of the line", "GET /a HTTP/1.1 \r\n" H END),
    BAD("no version (0.9)", "GET /a\r\n"),
    BAD("version with a minus", "GET /a HTTP/-1.1\r\n" H END),
    BAD("version that wraps", "GET /a HTTP/1.4294967297\r\n" H END),
    BAD("version 2.0", "GET /a HTTP/2.0\r\n" H END),
    BAD("version 1.2", "GET /a HTTP/1.2\r\n" H END),
    BAD("version 1", "GET /a HTTP/1\r\n" H END),
    BAD("version 1.10", "GET /a HTTP/1.10\r\n" H END),
    BAD("version in small letters", "GET /a http/1.1\r\n" H END),
    BAD("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    BAD("TLS hello on the plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    BAD("CR inside the line", "GET /a\rb HTTP/1.1\r\n" H END),
    BAD("two CR", "GET /a HTTP/1.1\r\r\n" H END),
    BAD("NUL in the method", "GE\000T /a HTTP/1.1\r\n" H END),
    BAD("only a line end", "\r\n"),

    /* ---- target ---- */
    BAD("no slash", "GET a HTTP/1.1\r\n" H END),
    BAD("star", "OPTIONS * HTTP/1.1\r\n" H END),
    BAD("authority form", "CONNECT h:443 HTTP/1.1\r\n" H END),
    BAD("absolute form for another host", "GET http://evil.example/a HTTP/1.1\r\n" H END),
    BAD("absolute form with another port", "GET http://h:81/a HTTP/1.1\r\nHost: h:80\r\n\r\n"),
    BAD("absolute form with a user", "GET http://h@evil/a HTTP/1.1\r\n" H END),
    BAD("absolute form without path", "GET http://h HTTP/1.1\r\n" H END),
    BAD("absolute form, query without path", "GET http://h?x HTTP/1.1\r\n" H END),
    BAD("absolute form without host", "GET http:///a HTTP/1.1\r\n" H END),
    BAD("absolute form in 1.0 without Host", "GET http://h/a HTTP/1.0\r\n\r\n"),
    BAD("other scheme", "GET ftp://h/a HTTP/1.1\r\n" H END),
    BAD("%00 in the path", "GET /a%00.html HTTP/1.1\r\n" H END),
    BAD("%00 in the query", "GET /a?x=%00 HTTP/1.1\r\n" H END),
    BAD("cut escape", "GET /a%2 HTTP/1.1\r\n" H END),
    BAD("lone percent", "GET /a% HTTP/1.1\r\n" H END),
    BAD("escape that is no hex", "GET /a%zz HTTP/1.1\r\n" H END),
    BAD("IIS escape", "GET /a%u0041 HTTP/1.1\r\n" H END),
    BAD("raw UTF-8", "GET /\xC4\x91 HTTP/1.1\r\n" H END),
    BAD("DEL", "GET /a\x7F HTTP/1.1\r\n" H END),
    BAD("control byte", "GET /a\x01 HTTP/1.1\r\n" H END),
    BAD("NUL in the target", "GET /a\000b HTTP/1.1\r\n" H END),
    BAD("fragment", "GET /a#b HTTP/1.1\r\n" H END),
    BAD("backslash", "GET /a\\b HTTP/1.1\r\n" H END),

    /* ---- Host ---- */
    BAD("no host", "GET /a HTTP/1.1\r\n\r\n"),
    BAD("two hosts", GET H END),
    BAD("two hosts in 1.0", "GET /a HTTP/1.0\r\n" H H END),
    BAD("empty host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n"),
    BAD("host with a comma", "GET /a HTTP/1.1\r\nHost: h, h\r\n\r\n"),
    BAD("host with a user", "GET /a HTTP/1.1\r\nHost: u@h\r\n\r\n"),
    BAD("host with a path", "GET /a HTTP/1.1\r\nHost: h/a\r\n\r\n"),
    BAD("host with a blank", "GET /a HTTP/1.1\r\nHost: h h\r\n\r\n"),
    BAD("host with an empty port", "GET /a HTTP/1.1\r\nHost: h:\r\n\r\n"),
    BAD("host with letters as port", "GET /a HTTP/1.1\r\nHost: h:80a\r\n\r\n"),
    BAD("host with a port too long", "GET /a HTTP/1.1\r\nHost: h:808080\r\n\r\n"),
    BAD("host with two ports", "GET /a HTTP/1.1\r\nHost: h:80:80\r\n\r\n"),
    BAD("IPv6 without its bracket", "GET /a HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    BAD("IPv6 with something behind it", "GET /a HTTP/1.1\r\nHost: [::1]x\r\n\r\n"),
    BAD("IPv6 of other letters", "GET /a HTTP/1.1\r\nHost: [::g]\r\n\r\n"),
    BAD("IPv6 of nothing", "GET /a HTTP/1.1\r\nHost: []\r\n\r\n"),

    /* ---- fields ---- */
    BAD("bare LF after a field", "GET /a HTTP/1.1\r\nHost: h\n\r\n"),
    BAD("bare LF as the end", GET "\n"),
    BAD("blank before the colon", "GET /a HTTP/1.1\r\nHost : h\r\n\r\n"),
    BAD("tab before the colon", GET "X-Tab\t: v\r\n\r\n"),
    BAD("folded line", GET "X-Fold: a\r\n b\r\n\r\n"),
    BAD("folded line with a tab", GET "X-Fold: a\r\n\tb\r\n\r\n"),
    BAD("folded first line", "GET /a HTTP/1.1\r\n Host: h\r\n\r\n"),
    BAD("no colon", GET "X-No-Colon\r\n\r\n"),
    BAD("empty name", GET ": v\r\n\r\n"),
    BAD("name with a blank", GET "X Y: v\r\n\r\n"),
    BAD("name in brackets", GET "(X): v\r\n\r\n"),
    BAD("name with UTF-8", GET "X-\xC4\x91: v\r\n\r\n"),
    BAD("NUL in a name", GET "X\000Y: v\r\n\r\n"),
    BAD("NUL in a value", GET "X-Nul: a\000b\r\n\r\n"),
    BAD("NUL as line end", GET "X: a\000\r\n\r\n"),
    BAD("NUL ending the head", GET "\000\r\n\r\n"),
    BAD("CR in a value", GET "X-Cr: a\rb\r\n\r\n"),
    BAD("CR CR LF", GET "X-Cr: a\r\r\n\r\n"),
    BAD("control byte in a value", GET "X-Bel: \x07\r\n\r\n"),
    BAD("DEL in a value", GET "X-Del: \x7F\r\n\r\n"),
    BAD("vertical tab before a value", GET "Transfer-Encoding:\x0B"
                                           "chunked\r\n\r\n"),

    /* ---- framing ---- */
    BAD("two lengths", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    BAD("the same length twice", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    BAD("list of lengths", POST "Content-Length: 5, 5\r\n\r\nhello"),
    BAD("length with a plus", POST "Content-Length: +5\r\n\r\nhello"),
    BAD("length with a minus", POST "Content-Length: -5\r\n\r\nhello"),
    BAD("length in hex", POST "Content-Length: 0x5\r\n\r\nhello"),
    BAD("length with a fraction", POST "Content-Length: 5.0\r\n\r\nhello"),
    BAD("length with a blank inside", POST "Content-Length: 5 5\r\n\r\nhello"),
    BAD("empty length", POST "Content-Length:\r\n\r\n"),
    BAD("length of eleven digits", POST "Content-Length: 00000000005\r\n\r\nhello"),
    BAD("length that wraps", POST "Content-Length: 18446744073709551621\r\n\r\nhello"),
    BAD("length and chunked", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("chunked and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    BAD("length 0 and chunked", POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("unknown coding", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    BAD("identity", POST "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
    BAD("gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    BAD("chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    BAD("chunked twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("chunked in capitals", POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
    BAD("chunked with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    BAD("chunked in quotes", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    BAD("empty coding", POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"),
    BAD("chunked in 1.0", "POST /echo HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("get with a body", GET "Content-Length: 5\r\n\r\nhello"),
    BAD("head with a body", "HEAD /a HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello"),
    BAD("get, chunked", GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    BAD("body of a head read as a request",
        "HEAD /a HTTP/1.1\r\n" H "Content-Length: 35\r\n\r\nGET /b HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    C("post without length", POST END, -411, 411, NULL),
    C("post in 1.0 without length", "POST /echo HTTP/1.0\r\n" H END, -411, 411, NULL),
    C("unknown expectation", POST "Content-Length: 2\r\nExpect: 200-ok\r\n\r\nok", -417, 417, NULL),
    C("two expectations", POST "Content-Length: 2\r\nExpect: 100-continue\r\nExpect: x\r\n\r\nok", -417, 417, NULL),

    /* ---- chunks ---- */
    BAD("chunk size with 0x", CHUNKED "0x5\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size with a plus", CHUNKED "+5\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size with a minus", CHUNKED "-5\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size and something", CHUNKED "5 x\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size with a blank behind", CHUNKED "5 \r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size with a blank before", CHUNKED " 5\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk extension", CHUNKED "5;a=b\r\nhello\r\n0\r\n\r\n"),
    BAD("empty chunk size", CHUNKED "\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size that is no hex", CHUNKED "g\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size of nine digits", CHUNKED "000000005\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size that wraps", CHUNKED "100000005\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk size without CR", CHUNKED "5\nhello\r\n0\r\n\r\n"),
    BAD("chunk size with CR only", CHUNKED "5\rhello\r\n0\r\n\r\n"),
    BAD("chunk data without CRLF", CHUNKED "5\r\nhello0\r\n\r\n"),
    BAD("chunk data longer than said", CHUNKED "3\r\nhello\r\n0\r\n\r\n"),
    BAD("chunk data and a bare LF", CHUNKED "5\r\nhello\n0\r\n\r\n"),
    BAD("trailer", CHUNKED "5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n"),
    BAD("trailer that is a length", CHUNKED "0\r\nContent-Length: 5\r\n\r\n"),
    BAD("end of chunks with LF", CHUNKED "0\r\n\n"),
    BAD("last chunk with an extension", CHUNKED "0;x\r\n\r\n"),
};

const size_t http_ncases = sizeof http_cases / sizeof http_cases[0];

/* ---- larger ones ---- */

static char made[HTTP_HEAD_MAX * 4];
static size_t nmade;

static void put(const char *text)
{
    size_t n = strlen(text);

    assert(n <= sizeof made - nmade);
    memcpy(made + nmade, text, n);
    nmade += n;
}

static void fill(char c, size_t n)
{
    assert(n <= sizeof made - nmade);
    memset(made + nmade, c, n);
    nmade += n;
}

/* A request line of n bytes without CRLF. */
static void line_of(size_t n)
{
    put("GET /items/");
    fill('x', n - strlen("GET /items/ HTTP/1.1"));
    put(" HTTP/1.1\r\n");
}

/* A field line of n bytes without CRLF. */
static void field_of(size_t n)
{
    put("X-Long: ");
    fill('v', n - strlen("X-Long: "));
    put("\r\n");
}

static void fields(size_t count)
{
    for (size_t i = 0; i < count; i++)
        put("X: y\r\n");
}

const struct http_case *http_case_made(size_t i)
{
    static struct http_case c;

    c = (struct http_case){ .bytes = made };
    nmade = 0;
    switch (i) {
    case 0:
        c.name = "the longest request line", c.parse = 1, c.status = 200;
        line_of(HTTP_LINE_MAX), put(H END);
        break;
    case 1:
        c.name = "request line too long by one", c.parse = -414, c.status = 414;
        line_of(HTTP_LINE_MAX + 1), put(H END);
        break;
    case 2:
        c.name = "request line without end", c.parse = -414, c.status = 414;
        put("GET /"), fill('x', HTTP_HEAD_MAX + 100);
        break;
    case 3:
        c.name = "method without end", c.parse = -414, c.status = 414;
        fill('G', HTTP_LINE_MAX + 2);
        break;
    case 4:
        c.name = "the longest field", c.parse = 1, c.status = 200;
        put("GET /a HTTP/1.1\r\n" H), field_of(HTTP_FIELD_MAX), put(END);
        break;
    case 5:
        c.name = "field too long by one", c.parse = -431, c.status = 431;
        put("GET /a HTTP/1.1\r\n" H), field_of(HTTP_FIELD_MAX + 1), put(END);
        break;
    case 6:
        c.name = "field without end", c.parse = -431, c.status = 431;
        put("GET /a HTTP/1.1\r\n" H "X: "), fill('v', HTTP_HEAD_MAX * 2);
        break;
    case 7:
        c.name = "64 fields", c.parse = 1, c.status = 200;
        put(GET), fields(HTTP_FIELDS_MAX - 1), put(END);
        break;
    case 8:
        c.name = "65 fields", c.parse = -431, c.status = 431;
        put(GET), fields(HTTP_FIELDS_MAX), put(END);
        break;
    case 9:
        c.name = "thousands of fields", c.parse = -431, c.status = 431;
        put(GET), fields(3000), put(END);
        break;
    case 10:
        c.name = "the largest block of fields", c.parse = 1, c.status = 200;
        put("GET /a HTTP/1.1\r\n" H), field_of(HTTP_FIELD_MAX);
        field_of(HTTP_BLOCK_MAX - HTTP_FIELD_MAX - 2 - 2 - strlen(H)), put(END);
        break;
    case 11:
        c.name = "block of fields too large by one", c.parse = -431, c.status = 431;
        put("GET /a HTTP/1.1\r\n" H), field_of(HTTP_FIELD_MAX);
        field_of(HTTP_BLOCK_MAX - HTTP_FIELD_MAX - 2 - 2 - strlen(H) + 1), put(END);
        break;
    case 12:
        c.name = "the largest head", c.parse = 1, c.status = 200;
        line_of(HTTP_LINE_MAX), put(H), field_of(HTTP_FIELD_MAX);
        field_of(HTTP_BLOCK_MAX - HTTP_FIELD_MAX - 2 - 2 - strlen(H)), put(END);
        assert(nmade == HTTP_HEAD_MAX);
        break;
    case 13:
        c.name = "chunk size without end", c.parse = -400, c.status = 400;
        put(CHUNKED), fill('0', 5000);
        break;
    case 14:
        c.name = "length of ten nines", c.parse = 0, c.status = 413;
        put(POST "Content-Length: 9999999999\r\n\r\nx");
        break;
    case 15:
        c.name = "body over the route's limit", c.parse = 1, c.status = 413,
        c.body = "012345678901234567890123456789012";
        put(POST "Content-Length: 33\r\n\r\n012345678901234567890123456789012");
        break;
    case 16:
        c.name = "chunks over the route's limit", c.parse = 1, c.status = 413,
        c.body = "012345678901234567890123456789012";
        put(CHUNKED "20\r\n01234567890123456789012345678901\r\n1\r\n2\r\n0\r\n\r\n");
        break;
    case 17:
        c.name = "body at the route's limit", c.parse = 1, c.status = 200, c.body = "01234567890123456789012345678901";
        put(POST "Content-Length: 32\r\n\r\n01234567890123456789012345678901");
        break;
    case 18:
        c.name = "the longest host", c.parse = 1, c.status = 421;
        put("GET /a HTTP/1.1\r\nHost: "), fill('a', 253), put("\r\n\r\n");
        break;
    case 19:
        c.name = "host too long", c.parse = -400, c.status = 400;
        put("GET /a HTTP/1.1\r\nHost: "), fill('a', 254), put("\r\n\r\n");
        break;
    default:
        return NULL;
    }
    c.n = nmade;
    return &c;
}
