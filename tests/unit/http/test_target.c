/* Whom we call: addresses as people write them, and addresses of the network (security.md §9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "khop/http/client.h"

#include "khop/base/banned.h"

static void targets(void **state)
{
    static const char *const good[] = { "https://ketoan.example.vn/khop", "https://a.vn", "https://a.vn:443/x?y=1&z=%20", "https://a.vn?x",
                                        "https://xn--bn-sga.vn/", "https://1.a2.vn/" };
    static const char *const bad[] = {
        "", "http://a.vn/", "HTTPS://a.vn/", "ftp://a.vn/", "https://", "https:///x", "https://a/", "https://localhost/", "https://a.vn:80/",
        "https://a.vn:4430/", "https://a.vn:0443/", "https://u@a.vn/", "https://u:p@a.vn/", "https://127.0.0.1/", "https://2130706433/",
        "https://0x7f.1/", "https://1.2.3.4:443/", "https://[::1]/", "https://a.vn./", "https://-a.vn/", "https://a-.vn/", "https://a..vn/",
        "https://a_b.vn/", "https://a.vn/#x", "https://a.vn/ x", "https://a.vn\\@b.vn/", "https://a.vn/\xc3\xa9", "https://a.vn/\"", "javascript:x",
        "file:///etc/passwd", "https://a.vn\r\nX: y",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (http_target_fault(slice_of(good[i]), NULL) != NULL)
            fail_msg("%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (http_target_fault(slice_of(bad[i]), NULL) == NULL)
            fail_msg("%s", bad[i]);
    }
}

static void allowed(void **state)
{
    static const char *const list[] = { "http://127.0.0.1:9000", "http://10.0.0.5:80", NULL };

    (void)state;
    assert_null(http_target_fault(SLICE("http://127.0.0.1:9000/x"), list));
    assert_null(http_target_fault(SLICE("http://127.0.0.1:9000"), list));
    assert_null(http_target_fault(SLICE("http://10.0.0.5:80?x"), list));
    assert_non_null(http_target_fault(SLICE("http://127.0.0.1:90001/x"), list));
    assert_non_null(http_target_fault(SLICE("http://127.0.0.1:9000.a.vn/x"), list));
    assert_non_null(http_target_fault(SLICE("http://127.0.0.1:9000@a.vn/x"), list));
    assert_non_null(http_target_fault(SLICE("http://127.0.0.1:9001/x"), list));
}

static bool is_public(const char *text)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    struct sockaddr_in four = { .sin_family = AF_INET };

    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return http_address_public((const struct sockaddr *)(const void *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return http_address_public((const struct sockaddr *)(const void *)&six);
}

static void addresses(void **state)
{
    /* The first and the last of each range, and what stands beside it. */
    static const char *const refused[] = {
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0",
        "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
        "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1", "2001:1ff::1", "2001:db8::1",
        "2002::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "ff02::1",
    };
    static const char *const good[] = {
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2400:cb00::1", "2001:200::1", "2001:dc0::1", "2003::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (is_public(refused[i]))
            fail_msg("%s is not a public address", refused[i]);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!is_public(good[i]))
            fail_msg("%s is a public address", good[i]);
    }
    assert_false(http_address_public(&(struct sockaddr){ .sa_family = AF_UNIX }));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(targets), cmocka_unit_test(allowed), cmocka_unit_test(addresses) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
