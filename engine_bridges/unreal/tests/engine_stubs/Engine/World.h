#pragma once
#include "CoreMinimal.h"
class FAudioDevice;
class UWorld : public UObject
{
	STUB_CLASS(UWorld, UObject)
	FAudioDevice* GetAudioDeviceRaw() const { return StubDevice; }
	FAudioDevice* StubDevice = nullptr;
};
