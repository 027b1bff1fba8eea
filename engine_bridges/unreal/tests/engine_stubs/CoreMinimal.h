// Stub of Unreal's core, for tests: see README.md beside it.
#pragma once

#include "StubContainers.h"
#include "StubObjects.h"
#include "StubPointers.h"
#include "StubText.h"
