#include "FaceRigDecoding.h"

#include "Async/Async.h"
#include "DSP/BufferVectorOperations.h"
#include "HAL/PlatformProcess.h"
#include "HAL/PlatformTime.h"
#include "IAudioProxyInitializer.h"
#include "Sound/SoundWave.h"
#include "Sound/SoundWaveProcedural.h"
#include "Sound/SoundWaveProxyReader.h"

#include "FaceRigModule.h"
#include "Sound/Resampler.h"

namespace
{
	constexpr int32 FramesAtOnce = 4096;      // decoders want multiples of 128
	constexpr double PatienceSecs = 3.0;      // for a chunk of a streamed wave to be loaded
	constexpr float ChunkWaitSecs = 0.005f;   // between two looks at it
	constexpr int32 LongestSecs = 600;        // as much as a character takes

	FFaceRigDecoded ReadAll(FSoundWaveProxyReader& Reader)
	{
		FFaceRigDecoded Out;
		Out.SampleRate = FMath::RoundToInt32(Reader.GetSampleRate());
		const int32 NumChannels = Reader.GetNumChannels();
		const int64 NumFrames = Reader.GetNumFramesInWave();
		if (NumFrames > static_cast<int64>(LongestSecs) * Out.SampleRate)
		{
			Out.Problem = FString::Printf(TEXT("the sound is longer than %d s"), LongestSecs);
			return Out;
		}
		Audio::FAlignedFloatBuffer Buffer;
		double GaveSecs = FPlatformTime::Seconds();
		for (;;)
		{
			Buffer.SetNumUninitialized(FramesAtOnce * NumChannels);
			const int32 NumRead = Reader.PopAudio(Buffer) / NumChannels;
			if (NumRead > 0)
			{
				const std::vector<float> Some = facerig::as_mono(Buffer.GetData(), static_cast<size_t>(NumRead), static_cast<size_t>(NumChannels));
				Out.Mono.insert(Out.Mono.end(), Some.begin(), Some.end());
				GaveSecs = FPlatformTime::Seconds();
			}
			else if (!Reader.CanProduceMoreAudio() || FPlatformTime::Seconds() - GaveSecs > PatienceSecs)
			{
				break;
			}
			else
			{
				FPlatformProcess::Sleep(ChunkWaitSecs); // in the background: its chunk is being loaded
			}
		}
		if (Reader.HasFailed() || Out.Mono.empty())
		{
			Out.Problem = TEXT("the engine's decoder gave no samples");
		}
		return Out;
	}
}

void FaceRig::Decode(USoundWave& Wave, TUniqueFunction<void(FFaceRigDecoded&&)> Done)
{
	check(IsInGameThread());
	if (Wave.IsA<USoundWaveProcedural>())
	{
		FFaceRigDecoded Out;
		Out.Problem = TEXT("a procedural wave makes its samples while it plays: give them to AppendAudio");
		Done(MoveTemp(Out));
		return;
	}
	// The proxy holds what the decoder needs; the wave itself is not touched off the game's thread.
	Audio::FProxyDataInitParams Params;
	Params.NameOfFeatureRequestingProxy = TEXT("FaceRig");
	const TSharedPtr<Audio::IProxyData> Data = Wave.CreateProxyData(Params);
	if (!Data.IsValid())
	{
		FFaceRigDecoded Out;
		Out.Problem = TEXT("the engine gives no way to read its samples");
		Done(MoveTemp(Out));
		return;
	}
	const FSoundWaveProxyReader::FSoundWaveProxyRef Proxy = MakeShared<FSoundWaveProxy, ESPMode::ThreadSafe>(Data->GetAs<FSoundWaveProxy>());
	FFaceRigModule::Get().InBackground([Proxy, Done = MoveTemp(Done)]() mutable
	{
		FFaceRigDecoded Out;
		const TUniquePtr<FSoundWaveProxyReader> Reader = FSoundWaveProxyReader::Create(Proxy, FSoundWaveProxyReader::FSettings());
		if (Reader.IsValid())
		{
			Out = ReadAll(*Reader);
		}
		else
		{
			Out.Problem = TEXT("the engine has no decoder for it: see its Sound Asset Compression Type");
		}
		AsyncTask(ENamedThreads::GameThread, [Out = MoveTemp(Out), Done = MoveTemp(Done)]() mutable { Done(MoveTemp(Out)); });
	});
}
