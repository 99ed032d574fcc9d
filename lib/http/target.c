/* Whom we call, and whom not (security.md §9): pure functions over text and addresses. */
#include "khop/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "khop/base/banned.h"

#define HOST_MAX 253

/* --- addresses --- */

static bool v4_public(uint32_t a)
{
    static const struct {
        uint32_t net;
        int bits;
    } REFUSED[] = {
        { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },  { 0xa9fe0000, 16 }, { 0xac100000, 12 },
        { 0xc0000000, 24 }, { 0xc0000200, 24 }, { 0xc0586300, 24 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 }, { 0xc6336400, 24 },
        { 0xcb007100, 24 }, { 0xe0000000, 4 },  { 0xf0000000, 4 },
    };

    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if ((a ^ REFUSED[i].net) >> (32 - REFUSED[i].bits) == 0)
            return false;
    }
    return true;
}

static bool v6_starts(const uint8_t a[16], const uint8_t net[16], int bits)
{
    int bytes = bits / 8, rest = bits % 8;

    return memcmp(a, net, (size_t)bytes) == 0 && (rest == 0 || ((a[bytes] ^ net[bytes]) >> (8 - rest)) == 0);
}

static uint32_t v4_in(const uint8_t a[4])
{
    return (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
}

static bool v6_public(const uint8_t a[16])
{
    static const struct {
        uint8_t net[16];
        int bits;
    } REFUSED[] = {
        { { 0 }, 96 },                                  /* ::, ::1 and the old v4 inside v6 */
        { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48 }, /* 64:ff9b:1::/48 */
        { { 0x01 }, 64 },                               /* 100::/64 */
        { { 0x20, 0x01 }, 23 },                         /* 2001::/23 */
        { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },             /* 2001:db8::/32 */
        { { 0x20, 0x02 }, 16 },                         /* 2002::/16 */
        { { 0xfc }, 7 },
        { { 0xfe, 0x80 }, 10 },
        { { 0xff }, 8 },
    };
    static const uint8_t mapped[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, translated[16] = { 0x00, 0x64, 0xff, 0x9b };

    if (v6_starts(a, mapped, 96) || v6_starts(a, translated, 96))
        return v4_public(v4_in(a + 12));
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        if (v6_starts(a, REFUSED[i].net, REFUSED[i].bits))
            return false;
    }
    return true;
}

bool http_address_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof in);
        return v4_public(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;

        memcpy(&in, address, sizeof in);
        return v6_public(in.sin6_addr.s6_addr);
    }
    return false;
}

/* --- addresses as people write them --- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Labels of letters, digits and dashes, at least two, the last one not all digits: so no number that a resolver would take for an address. */
static bool is_host(struct slice host)
{
    struct slice rest = host, label = { 0 };
    bool letter = false;
    size_t labels = 0;

    if (host.n == 0 || host.n > HOST_MAX)
        return false;
    while (rest.p != NULL && rest.n > 0) {
        label = slice_cut(&rest, '.');
        if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
            return false;
        letter = false;
        for (size_t i = 0; i < label.n; i++) {
            if (!is_alnum(label.p[i]) && label.p[i] != '-')
                return false;
            letter |= label.p[i] < '0' || label.p[i] > '9';
        }
        labels++;
    }
    return labels >= 2 && letter && host.p[host.n - 1] != '.';
}

static bool is_plain(struct slice url)
{
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= 0x20 || url.p[i] >= 0x7f || url.p[i] == '\\' || url.p[i] == '"' || url.p[i] == '<' || url.p[i] == '>')
            return false;
    }
    return true;
}

static bool is_allowed(struct slice url, const char *const *allow)
{
    for (size_t i = 0; allow != NULL && allow[i] != NULL; i++) {
        struct slice origin = slice_of(allow[i]);

        if (slice_starts(url, origin) && (url.n == origin.n || url.p[origin.n] == '/' || url.p[origin.n] == '?'))
            return true;
    }
    return false;
}

const char *http_target_fault(struct slice url, const char *const *allow)
{
    struct slice rest, authority;
    size_t end = 0;

    if (url.n == 0 || url.n > HTTP_TARGET_MAX || !is_plain(url) || memchr(url.p, '#', url.n) != NULL)
        return "This must be an address such as https://ketoan.example.vn/khop.";
    if (is_allowed(url, allow))
        return NULL;
    if (!slice_starts(url, SLICE("https://")))
        return "Only addresses with https:// are called.";
    rest = slice_sub(url, 8, url.n);
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    authority = slice_sub(rest, 0, end);
    if (authority.n > 4 && slice_is(slice_sub(authority, authority.n - 4, 4), ":443"))
        authority.n -= 4;
    if (!is_host(authority))
        return "The host must be a name, not an address in numbers, without user, password or another port than 443.";
    return NULL;
}
