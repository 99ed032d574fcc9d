/* Addresses to listen on: what is one, and what the socket is like. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "khop/loop/listen.h"
#include "khop/base/banned.h"

static void texts(void **state)
{
    static const struct {
        const char *text;
        const char *same; /* how it is written back; NULL: refused */
    } t[] = {
        { "127.0.0.1:8080", "127.0.0.1:8080" },
        { "0.0.0.0:0", "0.0.0.0:0" },
        { "[::1]:65535", "[::1]:65535" },
        { "[::]:80", "[::]:80" },
        { "[2001:DB8:0:0::1]:443", "[2001:db8::1]:443" },
        { "[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.1]:1" },
        { "", NULL },
        { "127.0.0.1", NULL },
        { "8080", NULL },
        { ":8080", NULL },
        { "*:8080", NULL },
        { "localhost:8080", NULL }, /* a name would be a look-up */
        { "127.0.0.1:", NULL },
        { "127.0.0.1:65536", NULL },
        { "127.0.0.1:080", NULL },
        { "127.0.0.1:-1", NULL },
        { "127.0.0.1: 80", NULL },
        { "127.1:80", NULL },
        { "127.0.0.01:80", NULL },
        { "256.0.0.1:80", NULL },
        { "::1:80", NULL },
        { "[::1:80", NULL },
        { "::1]:80", NULL },
        { "[]:80", NULL },
        { "[::1]80", NULL },
        { "[127.0.0.1]:80", NULL },
        { "[::1%lo]:80", NULL },
        { "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct listen_addr a;
        char out[LISTEN_TEXT_SIZE];
        int rc = listen_parse(slice_of(t[i].text), &a);

        if (rc != (t[i].same == NULL ? RC_BAD_INPUT : RC_OK))
            fail_msg("\"%s\" gives %s", t[i].text, rc_name(rc));
        if (rc != RC_OK)
            continue;
        listen_text(out, &a);
        assert_string_equal(out, t[i].same);
    }
    assert_int_equal(listen_parse(SLICE("127.0.0.1\0:80"), &(struct listen_addr){ 0 }), RC_BAD_INPUT);
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;

    assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

static void a_listening_socket(void **state)
{
    char error[LISTEN_ERROR_SIZE], text[LISTEN_TEXT_SIZE];
    struct listen_addr at;
    int fd = -1, other = -1;

    (void)state;
    assert_int_equal(listen_open(SLICE("127.0.0.1:0"), false, &fd, &at, error), RC_OK);
    assert_string_equal(error, "");
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(option(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    assert_int_equal(option(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    assert_int_equal(option(fd, SOL_SOCKET, SO_REUSEPORT), 0);

    /* The port that was chosen, where a client gets through. */
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(client, (const struct sockaddr *)&at.sa, at.len), 0);
    close(client);

    /* Taken now; the message says what and why. */
    listen_text(text, &at);
    assert_int_equal(listen_open(slice_of(text), false, &other, NULL, error), RC_CONFLICT);
    assert_int_equal(other, -1);
    assert_non_null(strstr(error, text));
    assert_non_null(strstr(error, "in use"));
    close(fd);

    /* Free again at once, though a connection of it is still in TIME_WAIT. */
    assert_int_equal(listen_open(slice_of(text), false, &fd, NULL, error), RC_OK);
    close(fd);
}

static void shared_by_children(void **state)
{
    char error[LISTEN_ERROR_SIZE], text[LISTEN_TEXT_SIZE];
    struct listen_addr at;
    int a, b, c;

    (void)state;
    assert_int_equal(listen_open(SLICE("127.0.0.1:0"), true, &a, &at, error), RC_OK);
    listen_text(text, &at);
    assert_int_equal(listen_open(slice_of(text), true, &b, NULL, error), RC_OK);
    assert_int_equal(listen_open(slice_of(text), false, &c, NULL, error), RC_CONFLICT);
    close(a);
    close(b);
}

static void ipv6_is_ipv6_only(void **state)
{
    char error[LISTEN_ERROR_SIZE], text[LISTEN_TEXT_SIZE];
    struct listen_addr at;
    int six, four;
    int rc = listen_open(SLICE("[::]:0"), false, &six, &at, error);

    (void)state;
    if (rc == RC_UNAVAILABLE)
        skip(); /* a machine without IPv6 */
    assert_int_equal(rc, RC_OK);
    assert_int_equal(option(six, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    listen_text(text, &at);
    assert_int_equal(strncmp(text, "[::]:", 5), 0);

    char both[LISTEN_TEXT_SIZE + 8];

    (void)snprintf(both, sizeof both, "0.0.0.0:%s", text + 5);
    assert_int_equal(listen_open(slice_of(both), false, &four, NULL, error), RC_OK);
    close(four);
    close(six);
}

static void errors_say_what(void **state)
{
    char error[LISTEN_ERROR_SIZE], big[300];
    int fd = -1;

    (void)state;
    assert_int_equal(listen_open(SLICE("nowhere"), false, &fd, NULL, error), RC_BAD_INPUT);
    assert_non_null(strstr(error, "\"nowhere\""));
    memset(big, 'x', sizeof big);
    assert_int_equal(listen_open((struct slice){ big, sizeof big }, false, &fd, NULL, error), RC_BAD_INPUT);
    assert_true(strlen(error) < LISTEN_ERROR_SIZE - 1);
    /* TEST-NET-1 is nobody's address (RFC 5737). */
    assert_int_equal(listen_open(SLICE("192.0.2.1:0"), false, &fd, NULL, error), RC_UNAVAILABLE);
    assert_non_null(strstr(error, "192.0.2.1:0: bind: "));
    assert_int_equal(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(a_listening_socket),
        cmocka_unit_test(shared_by_children),
        cmocka_unit_test(ipv6_is_ipv6_only),
        cmocka_unit_test(errors_say_what),
    };

    return cmocka_run_group_tests_name("loop_listen", tests, NULL, NULL);
}
