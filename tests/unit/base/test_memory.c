/* arena, buf, map, secret: limits, failures of the allocator, and random use against a plain model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "gen.h"
#include "siphash.h"
#include "khop/base/arena.h"
#include "khop/base/buf.h"
#include "khop/base/map.h"
#include "khop/base/secret.h"
#include "khop/base/banned.h"

/* Allocations that are still granted; negative: all. */
static long grants = -1;

static bool granted(void)
{
    if (grants == 0)
        return false;
    if (grants > 0)
        grants--;
    return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    return granted() ? __real_malloc(n) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return granted() ? __real_calloc(n, size) : NULL;
}

void *__wrap_realloc(void *p, size_t n)
{
    return granted() ? __real_realloc(p, n) : NULL;
}

static bool all_zero(const void *p, size_t n)
{
    const unsigned char *c = p;

    while (n > 0 && c[n - 1] == 0)
        n--;
    return n == 0;
}

/* Many sizes, all zeroed, aligned, and none touching another; twice, with a reset between. */
static void arena_use(void)
{
    struct arena *a = arena_new(0);
    struct gen g = { 6 };
    struct {
        unsigned char *p;
        size_t n;
    } got[400];

    assert_non_null(a);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 400; i++) {
            size_t n = i % 50 == 49 ? 10000 + gen_below(&g, 100000) : gen_below(&g, 300);

            got[i].p = arena_alloc(a, n);
            got[i].n = n;
            assert_non_null(got[i].p);
            assert_int_equal((uintptr_t)got[i].p % _Alignof(max_align_t), 0);
            assert_true(all_zero(got[i].p, n));
            memset(got[i].p, (int)(i % 255) + 1, n);
        }
        for (size_t i = 0; i < 400; i++) {
            for (size_t k = 0; k < got[i].n; k++)
                assert_int_equal(got[i].p[k], i % 255 + 1);
        }
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    arena_free(a);
}

static void arena_both_modes(void **state)
{
    (void)state;
    arena_use();
    assert_int_equal(setenv("KHOP_ARENA_MALLOC", "1", 1), 0);
    arena_use();
    assert_int_equal(unsetenv("KHOP_ARENA_MALLOC"), 0);
    arena_free(NULL);
}

static void arena_limits(void **state)
{
    struct arena *a = arena_new(1024);

    (void)state;
    assert_null(arena_alloc(a, 1025));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_array(a, SIZE_MAX / 2, 3));
    assert_null(arena_strndup(a, "x", SIZE_MAX));
    assert_int_equal(arena_used(a), 0);
    assert_non_null(arena_alloc(a, 1000));
    assert_non_null(arena_alloc(a, 0));
    assert_null(arena_alloc(a, 1));
    assert_int_equal(arena_used(a), 1024);
    assert_null(arena_copy(a, SLICE("x")).p);
    assert_null(arena_printf(a, "%d", 1));
    arena_reset(a);
    assert_non_null(arena_array(a, 16, 64));
    assert_null(arena_alloc(a, 1));
    arena_free(a);
}

static void arena_texts(void **state)
{
    struct arena *a = arena_new(0);
    struct slice s = arena_copy(a, SLICE("a\0b"));

    (void)state;
    assert_true(slice_eq(s, SLICE("a\0b")));
    assert_int_equal(s.p[3], '\0');
    assert_string_equal(arena_strndup(a, "hello", 4), "hell");
    assert_string_equal(arena_strndup(a, NULL, 0), "");
    assert_non_null(arena_copy(a, (struct slice){ NULL, 0 }).p);
    assert_string_equal(arena_printf(a, "%s-%03d", "x", 7), "x-007");
    assert_string_equal(arena_printf(a, "%s", ""), "");
    arena_free(a);
}

static char order[8];

static void note(void *arg)
{
    order[strlen(order)] = *(const char *)arg;
}

static void arena_hooks(void **state)
{
    struct arena *a = arena_new(0), *tiny = arena_new(16);
    char mark[] = "1234";

    (void)state;
    memset(order, 0, sizeof order);
    assert_int_equal(arena_defer(a, note, &mark[0]), RC_OK);
    assert_int_equal(arena_defer(a, note, &mark[1]), RC_OK);
    arena_reset(a);
    assert_string_equal(order, "21");
    arena_reset(a); /* once only */
    assert_string_equal(order, "21");
    assert_int_equal(arena_defer(a, note, &mark[2]), RC_OK);
    arena_free(a);
    assert_string_equal(order, "213");
    assert_int_equal(arena_defer(tiny, note, &mark[3]), RC_NOMEM); /* no room to remember it: run at once */
    assert_string_equal(order, "2134");
    arena_free(tiny);
    assert_string_equal(order, "2134");
}

static void arena_without_memory(void **state)
{
    struct arena *a;

    (void)state;
    grants = 0;
    a = arena_new(0);
    grants = -1;
    assert_null(a);
    a = arena_new(0);
    assert_non_null(arena_alloc(a, 100));
    grants = 0;

    void *big = arena_alloc(a, 100000);

    grants = -1;
    assert_null(big);
    assert_int_equal(arena_used(a), 112);
    assert_non_null(arena_alloc(a, 100000)); /* and it goes on */
    arena_free(a);
}

/* How many allocations it takes to fill an arena with a mebibyte of small things. */
static long cost_of_filling(struct arena *a)
{
    grants = 1000000;
    for (int i = 0; i < 1024; i++)
        (void)arena_alloc(a, 1024);

    long cost = 1000000 - grants;

    grants = -1;
    assert_true(arena_used(a) == 1024 * 1024);
    return cost;
}

static void arena_keeps_a_little(void **state)
{
    struct arena *a = arena_new(0);
    long first, again;

    (void)state;
    first = cost_of_filling(a);
    if (first >= 1024)
        goto done; /* each allocation is a malloc: nothing is kept */
    assert_in_range(first, 16, 40); /* chunks that double up to 64 KiB */
    arena_reset(a);
    again = cost_of_filling(a);
    assert_in_range(again, 8, first - 1); /* some of it was kept, but one large request does not stay for ever */
    arena_reset(a);
    grants = 0;

    void *p = arena_alloc(a, 4000);

    grants = -1;
    assert_non_null(p);
done:
    arena_free(a);
}

static void buf_ceiling(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    assert_null(b.p);
    buf_puts(&b, "12345678");
    buf_puts(&b, "901"); /* one too many: nothing of it */
    assert_true(b.failed);
    assert_string_equal(b.p, "12345678");
    buf_puts(&b, "9"); /* would fit, but a failure sticks */
    assert_int_equal(b.n, 8);
    assert_null(buf_room(&b, 1));
    buf_clear(&b);
    assert_false(b.failed);
    assert_string_equal(b.p, "");
    buf_puts(&b, "1234567890"); /* exactly */
    assert_false(b.failed);
    assert_string_equal(b.p, "1234567890");
    buf_putc(&b, 'x');
    assert_true(b.failed);
    buf_release(&b);
    assert_null(b.p);
    buf_init(&b, 0);
    buf_put(&b, "", 0);
    assert_false(b.failed);
    buf_putc(&b, 'x');
    assert_true(b.failed);
    buf_release(&b);
    buf_init(&b, SIZE_MAX);
    buf_puts(&b, "x");
    assert_null(buf_room(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_release(&b);
}

static void buf_numbers_and_formats(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 200);
    buf_put_i64(&b, 0);
    buf_putc(&b, ' ');
    buf_put_i64(&b, INT64_MIN);
    buf_putc(&b, ' ');
    buf_put_i64(&b, INT64_MAX);
    buf_printf(&b, " %s=%d", "x", -5);
    buf_printf(&b, "%s", "");
    buf_put_slice(&b, SLICE("\0z"));
    assert_true(slice_eq(buf_slice(&b), SLICE("0 -9223372036854775808 9223372036854775807 x=-5\0z")));
    buf_printf(&b, "%200d", 1);
    assert_true(b.failed);
    assert_int_equal(b.n, 49);
    buf_release(&b);
}

/* Random pieces against a plain array, on the heap and in an arena, with all sorts of growth. */
static void buf_like_array(void **state)
{
    static char model[5000];
    struct gen g = { 7 };
    struct arena *a = arena_new(0);

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct buf b;
        size_t n = 0, max = gen_below(&g, sizeof model);
        bool failed = false;

        if (round % 2 == 0)
            buf_init(&b, max);
        else
            buf_init_arena(&b, a, max);
        for (int i = 0; i < 60; i++) {
            char piece[200];
            size_t len = gen_below(&g, sizeof piece);

            gen_bytes(&g, piece, len);
            buf_put(&b, piece, len);
            if (len > 0)
                failed = failed || len > max - n;
            if (failed)
                continue;
            memcpy(model + n, piece, len);
            n += len;
        }
        assert_int_equal(b.failed, failed);
        assert_int_equal(b.n, n);
        if (n > 0) {
            assert_memory_equal(b.p, model, n);
            assert_int_equal(b.p[n], '\0');
        }
        buf_release(&b);
        arena_reset(a);
    }
    arena_free(a);
}

static void buf_without_memory(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    buf_puts(&b, "kept");
    grants = 0;
    for (int i = 0; i < 100; i++)
        buf_puts(&b, "more");
    grants = -1;
    assert_true(b.failed);
    assert_int_equal(strncmp(b.p, "keptmore", 8), 0);
    assert_int_equal(strlen(b.p), b.n);
    buf_release(&b);
}

struct seen {
    size_t count;
    uintptr_t sum;
};

static bool see(struct slice key, void *value, void *arg)
{
    struct seen *s = arg;

    (void)key;
    s->count++;
    s->sum += (uintptr_t)value;
    return true;
}

static bool see_one(struct slice key, void *value, void *arg)
{
    (void)see(key, value, arg);
    return false;
}

static struct slice key_of(char out[16], size_t k)
{
    int n = snprintf(out, 16, "k%zu", k);

    return (struct slice){ out, (size_t)n };
}

#define KEYS 700
#define ROOM 500

static void map_like_array(void **state)
{
    static char value[KEYS];
    void *model[KEYS] = { NULL };
    struct map *m = map_new(ROOM);
    struct gen g = { 8 };
    size_t count = 0;
    char text[16];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        size_t k = gen_below(&g, KEYS);
        struct slice key = key_of(text, k);
        void *old = &old, *v = &value[gen_below(&g, KEYS)];

        switch (gen_below(&g, 4)) {
        case 0:
        case 1:
            if (model[k] == NULL && count == ROOM) {
                assert_int_equal(map_put(m, key, v, &old), RC_TOO_LARGE);
                break;
            }
            assert_int_equal(map_put(m, key, v, &old), RC_OK);
            assert_ptr_equal(old, model[k]);
            count += model[k] == NULL;
            model[k] = v;
            break;
        case 2:
            assert_ptr_equal(map_remove(m, key), model[k]);
            count -= model[k] != NULL;
            model[k] = NULL;
            break;
        default:
            assert_ptr_equal(map_get(m, key), model[k]);
        }
        assert_int_equal(map_count(m), count);
    }

    struct seen seen = { 0 }, want = { .count = count };

    for (size_t k = 0; k < KEYS; k++)
        want.sum += (uintptr_t)model[k];
    map_each(m, see, &seen);
    assert_int_equal(seen.count, want.count);
    assert_int_equal(seen.sum, want.sum);
    seen.count = 0;
    map_each(m, see_one, &seen);
    assert_int_equal(seen.count, 1);
    map_free(m);
    map_free(NULL);
}

static void map_keys_are_bytes(void **state)
{
    struct map *m = map_new(10);
    int a, b, c;
    char key[] = "copied";

    (void)state;
    assert_int_equal(map_put(m, SLICE("x\0y"), &a, NULL), RC_OK);
    assert_int_equal(map_put(m, SLICE("x\0z"), &b, NULL), RC_OK);
    assert_int_equal(map_put(m, (struct slice){ NULL, 0 }, &c, NULL), RC_OK);
    assert_ptr_equal(map_get(m, SLICE("x\0y")), &a);
    assert_ptr_equal(map_get(m, SLICE("x\0z")), &b);
    assert_ptr_equal(map_get(m, SLICE("")), &c);
    assert_null(map_get(m, SLICE("x")));
    assert_int_equal(map_put(m, slice_of(key), &a, NULL), RC_OK);
    memset(key, '?', sizeof key - 1);
    assert_ptr_equal(map_get(m, SLICE("copied")), &a);
    map_free(m);
}

/* Whatever allocation fails, the map stays as it was and stays usable. */
static void map_without_memory(void **state)
{
    char text[16];
    int v;
    struct map *m;

    (void)state;
    for (long n = 0; n < 2; n++) {
        grants = n;
        m = map_new(10);
        grants = -1;
        assert_null(m);
    }
    m = map_new(1000);
    for (size_t k = 0; k < 100; k++) {
        grants = 1; /* the entry, but never a larger table */
        assert_int_equal(map_put(m, key_of(text, k), &v, NULL), RC_OK);
        grants = 0;
        assert_int_equal(map_put(m, key_of(text, 1000 + k), &v, NULL), RC_NOMEM);
        grants = -1;
    }
    assert_int_equal(map_count(m), 100);
    for (size_t k = 0; k < 100; k++) {
        assert_ptr_equal(map_get(m, key_of(text, k)), &v);
        assert_null(map_get(m, key_of(text, 1000 + k)));
    }
    map_free(m);
}

/* The paper's appendix A, for 2 and 4 rounds. */
static void siphash_vector(void **state)
{
    static const struct siphash_key key = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
    char in[15];

    (void)state;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (char)i;
    assert_true(siphash(&key, 2, 4, (struct slice){ in, 15 }) == UINT64_C(0xa129ca6149be45e5));
    assert_true(siphash(&key, 2, 4, (struct slice){ NULL, 0 }) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(siphash(&key, 2, 4, (struct slice){ in, 8 }) == UINT64_C(0x93f5f5799a932462));
}

static void secret_memory(void **state)
{
    static struct secret s;
    char big[SECRET_MAX + 1] = { 0 };

    (void)state;
    assert_int_equal(secret_set(&s, "long enough", 11), RC_OK);
    assert_int_equal(secret_set(&s, "short", 5), RC_OK);
    assert_int_equal(s.n, 5);
    assert_true(all_zero(s.bytes + 5, sizeof s.bytes - 5)); /* nothing of the first */
    assert_int_equal(secret_set(&s, big, sizeof big), RC_TOO_LARGE);
    assert_memory_equal(s.bytes, "short", 5);
    assert_int_equal(secret_set(&s, big, SECRET_MAX), RC_OK);
    secret_release(&s);
    assert_true(all_zero(&s, sizeof s));
}

static void put_file(const char *path, mode_t mode, size_t n)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fputc('k', f), 'k');
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void secret_files(void **state)
{
    static const struct {
        mode_t mode;
        size_t n;
        int rc;
    } t[] = {
        { 0600, 32, RC_OK },           { 0400, 0, RC_OK },           { 0600, SECRET_MAX, RC_OK },
        { 0600, SECRET_MAX + 1, RC_TOO_LARGE }, { 0640, 32, RC_FORBIDDEN }, { 0604, 32, RC_FORBIDDEN },
        { 0620, 32, RC_FORBIDDEN },
    };
    char dir[] = "/tmp/khop-secret-XXXXXX", path[64];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/key", dir);
    for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
        struct secret s = { 0 };

        put_file(path, t[i].mode, t[i].n);
        assert_int_equal(secret_read_file(&s, path), t[i].rc);
        assert_int_equal(s.n, t[i].rc == RC_OK ? t[i].n : 0);
        assert_true(t[i].rc == RC_OK || all_zero(&s, sizeof s));
        secret_release(&s);
        assert_int_equal(unlink(path), 0);
    }

    struct secret s = { 0 };

    assert_int_equal(secret_read_file(&s, path), RC_NOT_FOUND);
    assert_int_equal(secret_read_file(&s, dir), RC_IO); /* a folder */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(secret_read_file(&s, path), RC_IO); /* and no waiting for a writer */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_both_modes),     cmocka_unit_test(arena_limits),
        cmocka_unit_test(arena_texts),          cmocka_unit_test(arena_hooks),
        cmocka_unit_test(arena_without_memory), cmocka_unit_test(arena_keeps_a_little),
        cmocka_unit_test(buf_ceiling),
        cmocka_unit_test(buf_numbers_and_formats), cmocka_unit_test(buf_like_array),
        cmocka_unit_test(buf_without_memory),   cmocka_unit_test(map_like_array),
        cmocka_unit_test(map_keys_are_bytes),   cmocka_unit_test(map_without_memory),
        cmocka_unit_test(siphash_vector),       cmocka_unit_test(secret_memory),
        cmocka_unit_test(secret_files),
    };

    return cmocka_run_group_tests_name("base_memory", tests, NULL, NULL);
}
