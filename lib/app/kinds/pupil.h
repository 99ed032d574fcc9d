/* The columns by which a school's lists say who a pupil is. */
#ifndef KHOP_LIB_APP_PUPIL_H
#define KHOP_LIB_APP_PUPIL_H

#include "list_in.h"

#define PUPIL_REF   "mã học sinh|mã hs|mã định danh|số định danh|mã số|mã|student id|pupil id|student code|ref|id"
#define PUPIL_NAME  "họ và tên|họ tên|họ tên học sinh|họ và tên học sinh|tên học sinh|họ đệm|họ và tên đệm|họ và đệm|full name|student name|name"
#define PUPIL_CLASS "lớp|lớp học|tên lớp|class"
#define PUPIL_LAST  "tên" /* where the family name stands in a column of its own */

#define PUPIL_REF_MAX   64
#define PUPIL_NAME_MAX  120
#define PUPIL_CLASS_MAX 40

/* The full name; a given name in a column of its own (`last`) is put behind. Of the task. */
struct slice pupil_name(struct task *t, const struct list_in *l, const struct sheet_row *row, size_t name, size_t last);

#endif
