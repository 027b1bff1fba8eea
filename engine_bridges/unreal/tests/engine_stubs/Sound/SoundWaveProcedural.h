#pragma once
#include "Sound/SoundWave.h"
class USoundWaveProcedural : public USoundWave
{
	STUB_CLASS(USoundWaveProcedural, USoundWave)
	explicit USoundWaveProcedural(const FObjectInitializer& ObjectInitializer) : USoundWave(ObjectInitializer) {}
	virtual int32 OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples)
	{
		(void)OutAudio, (void)NumSamples;
		return 0;
	}
};
