/* What embed.cmake writes. */
#ifndef KHOP_WEB_ASSETS_H
#define KHOP_WEB_ASSETS_H

#include "khop/web/mustache.h"
#include "khop/web/pages.h"

extern const struct mustache_source web_templates[];
extern const size_t web_template_count;
extern const struct web_asset web_assets[];
extern const size_t web_asset_count;

#endif
