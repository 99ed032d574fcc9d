# c_bytes(FILE OUT): the bytes of a file as a C initialiser of unsigned char, 16 a line, and a NUL behind them. By way of
# hex digits, so that no character of the file means anything to CMake or to C.
function(c_bytes file out)
  file(READ "${file}" hex HEX)
  string(REPEAT "[0-9a-f]" 32 line)
  string(REGEX REPLACE "(${line})" "\\1\n" text "${hex}00")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()
