// Stub: the tests' own way in.
#pragma once

#include "CoreMinimal.h"

// What was put off for the game's thread is done now.
void StubRunGameThread();
