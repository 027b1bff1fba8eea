// The smallest test frame: CHECK says what is wrong and goes on; `failures` is the exit code.
#pragma once

#include <cstdio>

inline int failures = 0;

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            ++failures;                                                         \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                                       \
    } while (false)
