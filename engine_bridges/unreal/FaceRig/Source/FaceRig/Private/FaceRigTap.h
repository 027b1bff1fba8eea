// What a submix plays, for sound that other systems of the game play themselves.

#pragma once

#include "CoreMinimal.h"
#include "HAL/CriticalSection.h"
#include "ISubmixBufferListener.h"

#include <vector>

class FAudioDevice;
class USoundSubmix;

class FFaceRigTap : public ISubmixBufferListener
{
public:
	/** Submix: null for the main one. */
	static TSharedRef<FFaceRigTap, ESPMode::ThreadSafe> Start(FAudioDevice& Device, USoundSubmix* Submix);
	void Stop(FAudioDevice& Device, USoundSubmix* Submix);

	/** The samples since the last call, mono, and their rate; 0 where none came. */
	int32 Take(std::vector<float>& Mono);

	/** Samples that nobody took in time. */
	int64 GetDropped() const;

	// ISubmixBufferListener, on the mixer's thread
	virtual void OnNewSubmixBuffer(const USoundSubmix* OwningSubmix, float* AudioData, int32 NumSamples, int32 NumChannels, const int32 SampleRate, double AudioClock) override;
	virtual const FString& GetListenerName() const override;

private:
	mutable FCriticalSection Lock;
	std::vector<float> Waiting;
	int32 Rate = 0;
	int64 Dropped = 0;
};
