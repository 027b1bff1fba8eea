// Registers the core with Unreal; the only file of this module that knows the engine.

#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, FaceRigCore)
