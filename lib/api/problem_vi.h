/* Details of problem documents in Vietnamese. Private to lib/api. */
#ifndef KHOP_API_PROBLEM_VI_H
#define KHOP_API_PROBLEM_VI_H

/* The sentence in Vietnamese; the English one where there is none. */
const char *problem_vi(const char *en);

#endif
