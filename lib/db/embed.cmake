# Turns a folder of SQL into C, so that one binary holds its schema:
#   cmake -DSQL=folder -DSTEPS=folder -DSYMBOL=name -DPREFIX=DB -DENUM=db_stmt -DHEADER=file -DSOURCE=file -P embed.cmake
# HEADER gets one enumerator per SQL/statements/NAME.sql (PREFIX_NAME, and PREFIX_STMT_COUNT), SOURCE the struct db_schema
# SYMBOL. ENUM may be empty (an anonymous enum: a second schema beside the built-in one, for tests).
#
# A statement begins with two comment lines that the build insists on:
#   -- retry: yes|no
#   -- role: serve[, jobs[, owner]]
# and, when it answers many asks at a time (include/khop/db/db.h), a third:
#   -- many: how many at most
# One that calls khop.visit has one argument more than its callers give, the last (struct db_stmt_info, visitor).
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/../base/c_bytes.cmake)

# Adds `static const unsigned char NAME[]` to the source.
macro(add_bytes name path)
  c_bytes("${path}" text)
  string(APPEND source "static const unsigned char ${name}[] = {\n${text}\n};\n")
endmacro()

function(check_name what stem path)
  if(NOT "${stem}" MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "${path}: a ${what} is named with lower-case letters, digits and '_'")
  endif()
endfunction()

# The value of "-- KEY: value" among the first lines; the build stops without one.
function(header_of path key pattern out)
  file(STRINGS "${path}" lines REGEX "^-- ${key}: " LIMIT_COUNT 1)
  if(NOT lines MATCHES "^-- ${key}: (${pattern}) *$")
    message(FATAL_ERROR "${path}: the line \"-- ${key}: ${pattern}\" is missing or says something else")
  endif()
  set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

# An array of struct db_file over the given files: KIND is also the prefix of the byte arrays.
macro(add_files kind paths)
  set(rows "")
  set(count 0)
  foreach(path IN LISTS ${paths})
    get_filename_component(stem "${path}" NAME_WE)
    set(number 0)
    if("${kind}" STREQUAL "migration")
      if(NOT "${stem}" MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
        message(FATAL_ERROR "${path}: a migration is named NNNN_what.sql")
      endif()
      set(stem "${CMAKE_MATCH_2}")
      math(EXPR number "1${CMAKE_MATCH_1} - 10000")
      math(EXPR expected "${count} + 1")
      if(NOT number EQUAL expected)
        message(FATAL_ERROR "${path}: migrations are numbered without a gap, the next one is ${expected}")
      endif()
      set(version ${number})
    else()
      check_name(${kind} "${stem}" "${path}")
    endif()
    file(SHA256 "${path}" hash)
    add_bytes(${kind}_${count} "${path}")
    string(APPEND rows "    { ${number}, \"${stem}\", (const char *)${kind}_${count}, \"${hash}\" },\n")
    if("${kind}" STREQUAL "function")
      file(READ "${path}" text)
      string(APPEND hashed "${text}")
    endif()
    math(EXPR count "${count} + 1")
  endforeach()
  set(n_${kind} ${count})
  string(APPEND source "static const struct db_file ${kind}_files[] = {\n${rows}    { 0, NULL, NULL, NULL },\n};\n\n")
endmacro()

set(source "/* Made by lib/db/embed.cmake. */\n#include \"khop/db/schema.h\"\n\n")
set(hashed "")
set(version 0)

file(GLOB statements "${SQL}/statements/*.sql")
file(GLOB migrations "${SQL}/migrations/*.sql")
file(GLOB functions "${SQL}/functions/*.sql")
file(GLOB reports "${SQL}/reports/*.sql")
file(GLOB steps "${STEPS}/*.sql")
foreach(list statements migrations functions reports steps)
  list(SORT ${list})
endforeach()

set(names "")
set(rows "")
set(count 0)
foreach(path IN LISTS statements)
  get_filename_component(stem "${path}" NAME_WE)
  check_name(statement "${stem}" "${path}")
  header_of("${path}" retry "(yes|no)" retry)
  header_of("${path}" role "(serve|jobs|owner)(, *(serve|jobs|owner))*" roles)
  string(REPLACE "yes" "true" retry "${retry}")
  string(REPLACE "no" "false" retry "${retry}")
  string(REPLACE "," " |" roles "${roles}")
  string(REGEX REPLACE "([a-z]+)" "DB_ROLE_\\1" roles "${roles}")
  string(TOUPPER "${roles}" roles)
  string(TOUPPER "${stem}" upper)
  add_bytes(statement_${count} "${path}")
  file(STRINGS "${path}" visits REGEX "khop\\.visit\\(" LIMIT_COUNT 1)
  set(visitor false)
  if(visits)
    set(visitor true)
  endif()
  file(STRINGS "${path}" gathers REGEX "^-- many:" LIMIT_COUNT 1)
  set(many 0)
  if(gathers)
    header_of("${path}" many "[1-9][0-9]?[0-9]?" many)
    if(visits OR NOT retry STREQUAL "true")
      message(FATAL_ERROR "${path}: what answers many asks may be sent again, and is no visit")
    endif()
  endif()
  string(APPEND rows "    { \"${stem}\", (const char *)statement_${count}, ${retry}, ${roles}, ${visitor}, ${many} },\n")
  string(APPEND names "    ${PREFIX}_${upper},\n")
  math(EXPR count "${count} + 1")
endforeach()
set(count_statements ${count})
string(APPEND source "static const struct db_stmt_info statements[] = {\n${rows}    { NULL, NULL, false, 0, false, 0 },\n};\n\n")

add_files(migration migrations)
add_files(function functions)
add_files(report reports)
add_files(step steps)
set(roles_member "NULL")
if(EXISTS "${SQL}/roles.sql")
  file(SHA256 "${SQL}/roles.sql" hash)
  add_bytes(roles_text "${SQL}/roles.sql")
  string(APPEND source "static const struct db_file roles_file = { 0, \"roles\", (const char *)roles_text, \"${hash}\" };\n\n")
  set(roles_member "&roles_file")
endif()
string(SHA256 combined "${hashed}") # of the files in their order, as `cat` gives them
string(APPEND source "const struct db_schema ${SYMBOL} = {
    .version = ${version},
    .hash = \"${combined}\",
    .stmts = statements,
    .n_stmts = ${count_statements},
    .migrations = migration_files,
    .n_migrations = ${n_migration},
    .functions = function_files,
    .n_functions = ${n_function},
    .reports = report_files,
    .n_reports = ${n_report},
    .roles = ${roles_member},
    .steps = step_files,
    .n_steps = ${n_step},
};
")
set(header "/* Made by lib/db/embed.cmake. */\n#ifndef KHOP_${PREFIX}_STMT_NAMES_H\n#define KHOP_${PREFIX}_STMT_NAMES_H\n
enum ${ENUM} {\n${names}    ${PREFIX}_STMT_COUNT\n};\n\n#endif\n")

# The header changes only when a name does: what includes it is then not built again for a changed text.
file(CONFIGURE OUTPUT "${HEADER}" CONTENT "${header}" @ONLY)
file(WRITE "${SOURCE}" "${source}")
