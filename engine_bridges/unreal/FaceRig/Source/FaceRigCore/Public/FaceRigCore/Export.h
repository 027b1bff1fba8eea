// What a library shows to others. Unreal's build tool defines FACERIGCORE_API; elsewhere it is empty.
#pragma once

#ifndef FACERIGCORE_API
#define FACERIGCORE_API
#endif
