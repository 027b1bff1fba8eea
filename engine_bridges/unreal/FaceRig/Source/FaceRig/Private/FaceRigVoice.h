// What a component holds while it is connected.

#pragma once

#include "CoreMinimal.h"

#include <memory>
#include <utility>
#include <vector>

#include "FaceRigCore/Client.h"
#include "Sound/Speaker.h"

class FFaceRigLocalSource;
class FFaceRigTap;

class FFaceRigVoice
{
public:
	FFaceRigVoice(std::shared_ptr<facerig::Client> InClient, std::shared_ptr<facerig::Character> Character, int32 SampleRate, const facerig::SoundDelay& Delay)
		: Client(MoveTemp(InClient))
		, Speaker(MoveTemp(Character), SampleRate, Delay)
	{
	}

	std::shared_ptr<facerig::Client> Client; // outlives the character
	facerig::Speaker Speaker;

	FString Service; // where it is, for messages
	FName Subject;
	int64 OpenedNs = 0;     // when it was asked for
	bool bTold = false;     // that nobody answers
	bool bSpoke = false;    // in the last picture

	int32 Sentence = 0;     // rises with each interruption: what is being decoded belongs to one
	int32 Decoding = 0;     // sound waves that are
	TArray<FName> Names;    // of the curves, as Live Link has them
	TArray<FName> Targets;  // morph targets of the curves; none where the mesh has none
	facerig::Picture Picture;

	TSharedPtr<FFaceRigLocalSource> Source; // that knows the names
	std::vector<int16> Unheard;             // sound that nobody hears, without a device
	TSharedPtr<FFaceRigTap> Tap;            // of a submix
	std::vector<float> Heard;               // from it
	int64 NeededNs = 0;                     // when there last was something to play
};
