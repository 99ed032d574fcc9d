# Turns files into C byte arrays:
#   cmake -DOUT=file.c -DHEADER=file.h -DFILES="a;b" -P embed.cmake
# Each FILE gives NAME_EXT[] (letters, digits and '_' of its file name; ended by a NUL that is not counted) and NAME_EXT_size.
cmake_minimum_required(VERSION 3.25)

set(source "/* generated from ${FILES} */\n#include <stddef.h>\n")
set(header "/* generated */\n#include <stddef.h>\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  string(REGEX REPLACE "[^A-Za-z0-9]" "_" name "${name}")
  file(READ "${file}" hex HEX)
  string(LENGTH "${hex}" size)
  math(EXPR size "${size} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}00")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
  string(APPEND source "const unsigned char ${name}[] = {\n${bytes}\n};\nconst size_t ${name}_size = ${size};\n")
  string(APPEND header "extern const unsigned char ${name}[];\nextern const size_t ${name}_size;\n")
endforeach()
string(PREPEND source "#include \"${HEADER_NAME}\"\n")
file(WRITE "${OUT}" "${source}")
file(WRITE "${HEADER}" "${header}")
