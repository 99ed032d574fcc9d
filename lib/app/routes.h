#ifndef KHOP_APP_ROUTES_H
#define KHOP_APP_ROUTES_H

#include "khop/http/server.h"

extern const struct route app_routes[];
extern const size_t app_nroutes;

#endif
