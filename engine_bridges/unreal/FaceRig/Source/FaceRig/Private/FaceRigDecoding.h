// The samples of a sound wave. In a packaged game it holds none: they are decoded, in the background.

#pragma once

#include "CoreMinimal.h"

#include <vector>

class USoundWave;

struct FFaceRigDecoded
{
	std::vector<float> Mono;
	int32 SampleRate = 0;
	FString Problem; // empty where it went well
};

namespace FaceRig
{
	/** Decodes a wave by the engine's own decoder (FSoundWaveProxyReader). Done is called on the game's thread. */
	void Decode(USoundWave& Wave, TUniqueFunction<void(FFaceRigDecoded&&)> Done);
}
