#include "FaceRigSoundWave.h"

#include "FaceRigText.h"
#include "Sound/SoundQueue.h"

UFaceRigSoundWave::UFaceRigSoundWave(const FObjectInitializer& ObjectInitializer)
	: Super(ObjectInitializer)
{
	NumChannels = 1;
	Duration = INDEFINITELY_LOOPING_DURATION;
	SoundGroup = SOUNDGROUP_Voice;
	bLooping = false;
	VirtualizationMode = EVirtualizationMode::PlayWhenSilent; // out of earshot too the sentence, and its face, go on
}

void UFaceRigSoundWave::SetQueue(std::shared_ptr<facerig::SoundQueue> InQueue, int32 InSampleRate)
{
	Queue = MoveTemp(InQueue);
	SetSampleRate(static_cast<uint32>(InSampleRate));
}

int32 UFaceRigSoundWave::OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples)
{
	OutAudio.Reset();
	OutAudio.AddZeroed(NumSamples * static_cast<int32>(sizeof(int16)));
	if (Queue)
	{
		Queue->pull(reinterpret_cast<int16*>(OutAudio.GetData()), static_cast<size_t>(NumSamples), FaceRig::NowNs());
	}
	return NumSamples;
}
