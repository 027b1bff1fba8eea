#pragma once
// STUB_MINOR: the engine 5.x that the stubs stand for, where versions differ.
#ifndef STUB_MINOR
#define STUB_MINOR 4
#endif
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) ((Major) > 5 || ((Major) == 5 && (Minor) > STUB_MINOR))
