/* The same "random" cases on every run: SplitMix64 from a fixed seed. */
#ifndef KHOP_TESTS_BASE_GEN_H
#define KHOP_TESTS_BASE_GEN_H

#include <stddef.h>
#include <stdint.h>

struct gen {
    uint64_t state;
};

static inline uint64_t gen_u64(struct gen *g)
{
    uint64_t z = g->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 … n-1 */
static inline size_t gen_below(struct gen *g, size_t n)
{
    return (size_t)(gen_u64(g) % n);
}

static inline void gen_bytes(struct gen *g, void *out, size_t n)
{
    uint8_t *p = out;

    while (n-- > 0)
        *p++ = (uint8_t)gen_u64(g);
}

#endif
