#pragma once
#include "CoreMinimal.h"
#include "IAudioProxyInitializer.h"
#define INDEFINITELY_LOOPING_DURATION 10000.0f
enum ESoundGroup : int
{
	SOUNDGROUP_Default,
	SOUNDGROUP_Effects,
	SOUNDGROUP_UI,
	SOUNDGROUP_Music,
	SOUNDGROUP_Voice,
};
enum class EVirtualizationMode : uint8
{
	Disabled,
	PlayWhenSilent,
	Restart,
	SeekRestart,
};
class USoundBase : public UObject
{
	STUB_CLASS(USoundBase, UObject)
	EVirtualizationMode VirtualizationMode = EVirtualizationMode::Restart;
	float Duration = 0.0f;
};
class USoundWave : public USoundBase
{
	STUB_CLASS(USoundWave, USoundBase)
	USoundWave() = default;
	explicit USoundWave(const FObjectInitializer&) {}
	int32 NumChannels = 0;
	ESoundGroup SoundGroup = SOUNDGROUP_Default;
	uint8 bLooping : 1;
	void SetSampleRate(uint32 InSampleRate, const bool bFromDecoders = false)
	{
		(void)bFromDecoders;
		StubRate = static_cast<int32>(InSampleRate);
	}
	virtual TSharedPtr<Audio::IProxyData> CreateProxyData(const Audio::FProxyDataInitParams& InitParams);
	std::vector<float> StubSamples; // interleaved: what the decoder will find
	int32 StubRate = 0;
};
class FSoundWaveProxy final : public Audio::TProxyData<FSoundWaveProxy>
{
public:
	explicit FSoundWaveProxy(USoundWave* InWave) : StubSamples(InWave->StubSamples), StubRate(InWave->StubRate), StubChannels(InWave->NumChannels) {}
	std::vector<float> StubSamples;
	int32 StubRate, StubChannels;
};
inline TSharedPtr<Audio::IProxyData> USoundWave::CreateProxyData(const Audio::FProxyDataInitParams& InitParams)
{
	check(IsInGameThread() && !InitParams.NameOfFeatureRequestingProxy.IsNone());
	return MakeShared<FSoundWaveProxy>(this);
}
