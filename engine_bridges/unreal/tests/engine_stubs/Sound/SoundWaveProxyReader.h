#pragma once
#include "DSP/BufferVectorOperations.h"
class FSoundWaveProxy;
class FSoundWaveProxyReader
{
public:
	using FSoundWaveProxyRef = TSharedRef<FSoundWaveProxy, ESPMode::ThreadSafe>;
	struct FSettings
	{
		uint32 MaxDecodeSizeInFrames = 1024;
		float StartTimeInSeconds = 0.f;
		bool bIsLooping = false;
	};
	static TUniquePtr<FSoundWaveProxyReader> Create(FSoundWaveProxyRef InWaveProxy, const FSettings& InSettings);
	float GetSampleRate() const;
	int32 GetNumChannels() const;
	int32 GetNumFramesInWave() const;
	int32 PopAudio(Audio::FAlignedFloatBuffer& OutBuffer);
	bool CanProduceMoreAudio() const;
	bool HasFailed() const;

private:
	explicit FSoundWaveProxyReader(FSoundWaveProxyRef InWaveProxy) : Proxy(InWaveProxy) {}
	FSoundWaveProxyRef Proxy;
	std::size_t StubTaken = 0;
	int32 StubCalls = 0;
};
