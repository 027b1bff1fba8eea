#pragma once
#include <memory>
#include "CoreMinimal.h"
#include "Misc/EngineVersionComparison.h"
class USoundSubmix;
class ISubmixBufferListener
#if !UE_VERSION_OLDER_THAN(5, 4, 0)
	: public TSharedFromThis<ISubmixBufferListener, ESPMode::ThreadSafe>
#endif
{
public:
	virtual ~ISubmixBufferListener() = default;
	virtual void OnNewSubmixBuffer(const USoundSubmix* OwningSubmix, float* AudioData, int32 NumSamples, int32 NumChannels, const int32 SampleRate, double AudioClock) = 0;
	virtual const FString& GetListenerName() const = 0;
};
