// A character's voice as the engine plays it: the mixer asks, and gets what the sound queue has.

#pragma once

#include "CoreMinimal.h"
#include "Sound/SoundWaveProcedural.h"

#include <memory>

#include "FaceRigSoundWave.generated.h"

namespace facerig
{
	class SoundQueue;
}

UCLASS(Transient)
class UFaceRigSoundWave : public USoundWaveProcedural
{
	GENERATED_BODY()

public:
	UFaceRigSoundWave(const FObjectInitializer& ObjectInitializer);

	/** Before it is played. */
	void SetQueue(std::shared_ptr<facerig::SoundQueue> InQueue, int32 InSampleRate);

	/** On the mixer's thread. */
	virtual int32 OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples) override;

private:
	std::shared_ptr<facerig::SoundQueue> Queue;
};
