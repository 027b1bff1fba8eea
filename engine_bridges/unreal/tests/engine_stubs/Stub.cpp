// Stub: what has one place. The game's thread is the one that the program began on.
#include <mutex>
#include <thread>
#include <vector>

#include "Async/Async.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "Sound/SoundWave.h"
#include "Sound/SoundWaveProxyReader.h"
#include "Stub.h"

FName ILiveLinkClient::ModularFeatureName = TEXT("ModularFeature.LiveLinkClient");

IModularFeatures& IModularFeatures::Get()
{
	static IModularFeatures One;
	return One;
}

namespace
{
	const std::thread::id GameThreadId = std::this_thread::get_id();
	std::mutex Mutex;
	std::vector<TUniqueFunction<void()>> Tasks;
}

bool IsInGameThread()
{
	return std::this_thread::get_id() == GameThreadId;
}

void AsyncTask(ENamedThreads::Type, TUniqueFunction<void()> Function)
{
	const std::lock_guard<std::mutex> Lock(Mutex);
	Tasks.push_back(std::move(Function));
}

void StubRunGameThread()
{
	check(IsInGameThread());
	std::vector<TUniqueFunction<void()>> Now;
	{
		const std::lock_guard<std::mutex> Lock(Mutex);
		Now.swap(Tasks);
	}
	for (TUniqueFunction<void()>& Task : Now)
	{
		Task();
	}
}

// A decoder of streamed sound: now and then its next chunk is not there yet.
TUniquePtr<FSoundWaveProxyReader> FSoundWaveProxyReader::Create(FSoundWaveProxyRef InWaveProxy, const FSettings&)
{
	check(!IsInGameThread());
	return TUniquePtr<FSoundWaveProxyReader>(InWaveProxy->StubChannels < 1 ? nullptr : new FSoundWaveProxyReader(InWaveProxy));
}

float FSoundWaveProxyReader::GetSampleRate() const
{
	return static_cast<float>(Proxy->StubRate);
}

int32 FSoundWaveProxyReader::GetNumChannels() const
{
	return Proxy->StubChannels;
}

int32 FSoundWaveProxyReader::GetNumFramesInWave() const
{
	return static_cast<int32>(Proxy->StubSamples.size()) / Proxy->StubChannels;
}

int32 FSoundWaveProxyReader::PopAudio(Audio::FAlignedFloatBuffer& OutBuffer)
{
	check(OutBuffer.Num() % Proxy->StubChannels == 0);
	const std::size_t Some = std::min(static_cast<std::size_t>(OutBuffer.Num()), Proxy->StubSamples.size() - StubTaken);
	if (++StubCalls % 3 == 0)
	{
		return 0;
	}
	std::copy_n(Proxy->StubSamples.begin() + static_cast<std::ptrdiff_t>(StubTaken), Some, OutBuffer.GetData());
	StubTaken += Some;
	return static_cast<int32>(Some);
}

bool FSoundWaveProxyReader::CanProduceMoreAudio() const
{
	return StubTaken < Proxy->StubSamples.size();
}

bool FSoundWaveProxyReader::HasFailed() const
{
	return false;
}
