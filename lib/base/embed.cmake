# Turns files into C byte arrays:
#   cmake -DOUT=file.c -DHEADER=file.h -DFILES="a;b" [-DTABLE=name] -P embed.cmake
# Each FILE gives NAME_EXT[] (letters, digits and '_' of its file name; ended by a NUL that is not counted) and NAME_EXT_size.
# TABLE: all of them in order, as name_parts[], name_part_sizes[] and name_part_count.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/c_bytes.cmake)

set(source "/* generated from ${FILES} */\n#include <stddef.h>\n")
set(header "/* generated */\n#include <stddef.h>\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  string(REGEX REPLACE "[^A-Za-z0-9]" "_" name "${name}")
  list(APPEND names ${name})
  c_bytes("${file}" bytes)
  file(SIZE "${file}" size)
  string(APPEND source "const unsigned char ${name}[] = {\n${bytes}\n};\nconst size_t ${name}_size = ${size};\n")
  string(APPEND header "extern const unsigned char ${name}[];\nextern const size_t ${name}_size;\n")
endforeach()
if(DEFINED TABLE)
  list(LENGTH FILES count)
  string(REPLACE ";" ", " parts "${names}")
  string(REGEX REPLACE "([A-Za-z0-9_]+)" "sizeof \\1 - 1" sizes "${parts}")
  string(APPEND source "const unsigned char *const ${TABLE}_parts[] = { ${parts} };\nconst size_t ${TABLE}_part_sizes[] = { ${sizes} };\nconst size_t ${TABLE}_part_count = ${count};\n")
  string(APPEND header "extern const unsigned char *const ${TABLE}_parts[];\nextern const size_t ${TABLE}_part_sizes[], ${TABLE}_part_count;\n")
endif()
string(PREPEND source "#include \"${HEADER_NAME}\"\n")
file(WRITE "${OUT}" "${source}")
file(WRITE "${HEADER}" "${header}")
