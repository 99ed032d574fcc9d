/* Functions nobody here may call; included last in every .c file. */
#ifndef KHOP_BASE_BANNED_H
#define KHOP_BASE_BANNED_H

#undef alloca /* a macro of glibc, and a macro cannot be poisoned */

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atoll strtol strtoll strtoul strtoull strtod
#pragma GCC poison sscanf gmtime localtime ctime asctime alloca gets rand srand system popen

#endif
