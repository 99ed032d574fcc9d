/* One logfmt line per event, to standard error: ts, level, event, then the fields. Values are quoted when they need it.
 * Nothing secret or personal goes in: no names, memos, tokens, bodies; account numbers through log_tail4 only. */
#ifndef KHOP_BASE_LOG_H
#define KHOP_BASE_LOG_H

#include "khop/base/slice.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_level(enum log_level level);
void log_set_name(const char *process); /* "serve", "jobs" …; kept by pointer */

/* log_info("db_connected", "host=%s ms=%d", …): the format gives key=value pairs; use log_quote for free text. */
void log_line(enum log_level level, const char *event, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define log_debug(event, ...) log_line(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...)  log_line(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_warn(event, ...)  log_line(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_error(event, ...) log_line(LOG_LEVEL_ERROR, event, __VA_ARGS__)

/* The text in double quotes with control characters and quotes escaped, cut at the size; returns out. */
#define LOG_QUOTE_SIZE 256
const char *log_quote(char out[LOG_QUOTE_SIZE], struct slice text);
/* "…0011": the last four characters of an account number. */
#define LOG_TAIL4_SIZE 8
const char *log_tail4(char out[LOG_TAIL4_SIZE], struct slice account_no);

#endif
