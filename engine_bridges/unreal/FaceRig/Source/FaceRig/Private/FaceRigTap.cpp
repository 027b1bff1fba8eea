#include "FaceRigTap.h"

#include "AudioDevice.h"
#include "Misc/EngineVersionComparison.h"
#include "Misc/ScopeLock.h"

#include "Sound/Resampler.h"

namespace
{
	constexpr int32 LongestWaitSecs = 1; // for a game that loads
}

TSharedRef<FFaceRigTap, ESPMode::ThreadSafe> FFaceRigTap::Start(FAudioDevice& Device, USoundSubmix* Submix)
{
	TSharedRef<FFaceRigTap, ESPMode::ThreadSafe> Tap = MakeShared<FFaceRigTap, ESPMode::ThreadSafe>();
#if UE_VERSION_OLDER_THAN(5, 4, 0)
	Device.RegisterSubmixBufferListener(&*Tap, Submix);
#else
	Device.RegisterSubmixBufferListener(Tap, Submix != nullptr ? *Submix : Device.GetMainSubmixObject());
#endif
	return Tap;
}

void FFaceRigTap::Stop(FAudioDevice& Device, USoundSubmix* Submix)
{
#if UE_VERSION_OLDER_THAN(5, 4, 0)
	Device.UnregisterSubmixBufferListener(this, Submix);
#else
	Device.UnregisterSubmixBufferListener(AsShared(), Submix != nullptr ? *Submix : Device.GetMainSubmixObject());
#endif
}

int32 FFaceRigTap::Take(std::vector<float>& Mono)
{
	const FScopeLock Guard(&Lock);
	Mono.clear();
	Mono.swap(Waiting);
	return Mono.empty() ? 0 : Rate;
}

int64 FFaceRigTap::GetDropped() const
{
	const FScopeLock Guard(&Lock);
	return Dropped;
}

void FFaceRigTap::OnNewSubmixBuffer(const USoundSubmix*, float* AudioData, int32 NumSamples, int32 NumChannels, const int32 SampleRate, double)
{
	if (NumChannels < 1 || NumSamples < NumChannels)
	{
		return;
	}
	const size_t NumFrames = static_cast<size_t>(NumSamples / NumChannels);
	const std::vector<float> Mono = facerig::as_mono(AudioData, NumFrames, static_cast<size_t>(NumChannels));
	const FScopeLock Guard(&Lock);
	if (Rate != SampleRate || Waiting.size() + NumFrames > static_cast<size_t>(LongestWaitSecs * SampleRate))
	{
		Dropped += static_cast<int64>(Waiting.size());
		Waiting.clear();
		Rate = SampleRate;
	}
	Waiting.insert(Waiting.end(), Mono.begin(), Mono.end());
}

const FString& FFaceRigTap::GetListenerName() const
{
	static const FString Name = TEXT("FaceRig");
	return Name;
}
