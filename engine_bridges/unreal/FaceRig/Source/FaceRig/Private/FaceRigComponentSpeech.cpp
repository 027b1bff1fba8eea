// The component's speech and acting; FaceRigComponent.cpp has the rest.

#include "FaceRigComponent.h"

#include "AudioDevice.h"
#include "Components/AudioComponent.h"
#include "Engine/World.h"
#include "GameFramework/Actor.h"
#include "Sound/SoundAttenuation.h"
#include "Sound/SoundSubmix.h"
#include "Sound/SoundWave.h"

#include "FaceRigDecoding.h"
#include "FaceRigSoundWave.h"
#include "FaceRigTap.h"
#include "FaceRigText.h"
#include "FaceRigVoice.h"

namespace
{
	constexpr double StopAfterSecs = 1.0; // a voice that is silent gives its channel of the mixer back
	constexpr double CmPerMetre = 100.0;
}

// --- speech

void UFaceRigComponent::StartSpeaking(USoundWave* Sound)
{
	if (!IsOpen(TEXT("StartSpeaking")))
	{
		return;
	}
	if (Sound == nullptr)
	{
		Fail(TEXT("config"), TEXT("StartSpeaking was given no sound"), TEXT("choose a sound wave"));
		return;
	}
	++Voice->Decoding;
	const TWeakObjectPtr<UFaceRigComponent> Weak(this);
	const TWeakPtr<FFaceRigVoice> Asked = Voice;
	const FString Name = Sound->GetName();
	FaceRig::Decode(*Sound, [Weak, Asked, Name, Sentence = Voice->Sentence](FFaceRigDecoded&& Decoded)
	{
		UFaceRigComponent* Self = Weak.Get();
		const TSharedPtr<FFaceRigVoice> Kept = Asked.Pin();
		if (Self == nullptr || !Kept.IsValid() || Self->Voice != Kept)
		{
			return; // it is gone
		}
		--Kept->Decoding;
		if (!Decoded.Problem.IsEmpty())
		{
			Self->Fail(TEXT("audio"), FString::Printf(TEXT("%s: %s"), *Name, *Decoded.Problem), TEXT("see README.md: sound waves"));
		}
		else if (Sentence == Kept->Sentence)
		{
			facerig::Error Error;
			if (!Kept->Speaker.append(Decoded.Mono.data(), Decoded.Mono.size(), Decoded.SampleRate, FaceRig::NowNs(), Error))
			{
				Self->Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
			}
			Kept->Speaker.finish(FaceRig::NowNs());
		}
	});
}

void UFaceRigComponent::AppendAudio(const TArray<float>& Samples, int32 InSampleRate, int32 NumChannels)
{
	if (!IsOpen(TEXT("AppendAudio")))
	{
		return;
	}
	if (NumChannels < 1 || Samples.Num() % NumChannels != 0)
	{
		Fail(TEXT("config"), FString::Printf(TEXT("%d samples are not %d channels"), Samples.Num(), NumChannels), TEXT("give interleaved samples"));
		return;
	}
	const std::vector<float> Mono = facerig::as_mono(Samples.GetData(), static_cast<size_t>(Samples.Num() / NumChannels), static_cast<size_t>(NumChannels));
	facerig::Error Error;
	if (!Voice->Speaker.append(Mono.data(), Mono.size(), InSampleRate, FaceRig::NowNs(), Error))
	{
		Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
	}
}

void UFaceRigComponent::Flush()
{
	if (IsOpen(TEXT("Flush")))
	{
		Voice->Speaker.finish(FaceRig::NowNs());
	}
}

void UFaceRigComponent::Say(const FString& Text, const FString& InVoice)
{
	facerig::Error Error;
	if (IsOpen(TEXT("Say")) && !Voice->Speaker.say(FaceRig::ToUtf8(Text), FaceRig::ToUtf8(InVoice), Error))
	{
		Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
	}
}

void UFaceRigComponent::Interrupt()
{
	if (IsOpen(TEXT("Interrupt")))
	{
		++Voice->Sentence;
		Voice->Speaker.interrupt();
	}
}

bool UFaceRigComponent::IsSpeaking() const
{
	return Voice.IsValid() && (Voice->Decoding > 0 || Voice->Speaker.speaking());
}

// --- a submix

void UFaceRigComponent::StartListening(USoundSubmix* Submix)
{
	if (!IsOpen(TEXT("StartListening")))
	{
		return;
	}
	StopListening();
	if (!HasAudioDevice())
	{
		Fail(TEXT("config"), TEXT("there is no audio device to listen to"), TEXT("play the game with sound"));
		return;
	}
	Tapped = Submix;
	Voice->Tap = FFaceRigTap::Start(*GetWorld()->GetAudioDeviceRaw(), Submix);
}

void UFaceRigComponent::StopListening()
{
	if (!Voice.IsValid() || !Voice->Tap.IsValid())
	{
		return;
	}
	if (HasAudioDevice())
	{
		Voice->Tap->Stop(*GetWorld()->GetAudioDeviceRaw(), Tapped);
	}
	Voice->Tap.Reset();
	Tapped = nullptr;
	Voice->Speaker.finish(FaceRig::NowNs());
}

void UFaceRigComponent::HearSubmix(int64 NowNs)
{
	if (!Voice->Tap.IsValid())
	{
		return;
	}
	facerig::Error Error;
	const int32 Rate = Voice->Tap->Take(Voice->Heard);
	if (Rate > 0 && IsConnected() && !Voice->Speaker.tap(Voice->Heard.data(), Voice->Heard.size(), Rate, NowNs, Error))
	{
		Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
		StopListening();
	}
}

float UFaceRigComponent::GetTapLateMs() const
{
	return Voice.IsValid() ? static_cast<float>(1e3 * Voice->Speaker.tap_late_secs()) : 0.0f;
}

// --- the mixer

// The voice has a channel of the mixer while it is needed.
void UFaceRigComponent::PlayVoice(int64 NowNs)
{
	const bool bNeeded = Voice->Speaker.sound().state() != facerig::SoundState::silent;
	const double SinceSecs = 1e-9 * static_cast<double>(NowNs - Voice->NeededNs);
	if (bNeeded)
	{
		Voice->NeededNs = NowNs;
	}
	if (bNeeded && Player == nullptr && HasAudioDevice())
	{
		Wave = NewObject<UFaceRigSoundWave>(this);
		Wave->SetQueue(Voice->Speaker.shared_sound(), Voice->Speaker.sample_rate());
		Player = NewObject<UAudioComponent>(GetOwner());
		Player->bAutoActivate = false;
		Player->bAllowSpatialization = Attenuation != nullptr;
		Player->AttenuationSettings = Attenuation;
		Player->SetupAttachment(GetOwner()->GetRootComponent());
		Player->RegisterComponent();
		Player->SetSound(Wave);
	}
	if (Player == nullptr)
	{
		return;
	}
	if (bNeeded && !Player->IsPlaying())
	{
		Player->Play();
	}
	else if (!bNeeded && Player->IsPlaying() && SinceSecs > StopAfterSecs)
	{
		Player->Stop();
	}
}

bool UFaceRigComponent::HasAudioDevice() const
{
	return GetWorld() != nullptr && GetWorld()->GetAudioDeviceRaw() != nullptr;
}

// Without a device (a server, -nosound) nobody asks for the sound: it passes by as time does.
void UFaceRigComponent::TakeAudio(float DeltaTime, int64 NowNs)
{
	if (Player == nullptr && !HasAudioDevice())
	{
		Voice->Unheard.resize(static_cast<size_t>(FMath::Max(DeltaTime, 0.0f) * static_cast<float>(Voice->Speaker.sample_rate())));
		Voice->Speaker.sound().pull(Voice->Unheard.data(), Voice->Unheard.size(), NowNs);
	}
}

// --- acting

void UFaceRigComponent::Direct(const FFaceRigDirection& Direction)
{
	facerig::Direction Message;
	if (!Direction.Emotion.IsEmpty())
	{
		Message.emotion = FaceRig::ToUtf8(Direction.Emotion);
	}
	if (Direction.bChangeGaze) // the service has x left, y up, z ahead
	{
		Message.gaze_point = {-Direction.Gaze.Y, Direction.Gaze.Z, Direction.Gaze.X};
	}
	Message.blink = Direction.bBlink;
	if (!Direction.Mode.IsEmpty())
	{
		Message.mode = FaceRig::ToUtf8(Direction.Mode);
	}
	if (!Direction.Attitude.IsEmpty())
	{
		Message.attitude = FaceRig::ToUtf8(Direction.Attitude);
	}
	if (Direction.Layers.Num() > 0)
	{
		Message.layers.emplace();
		for (const TPair<FString, float>& Layer : Direction.Layers)
		{
			Message.layers->emplace_back(FaceRig::ToUtf8(Layer.Key), static_cast<double>(Layer.Value));
		}
	}
	if (!Direction.Style.IsEmpty())
	{
		Message.style = FaceRig::ToUtf8(Direction.Style);
	}
	if (Direction.TransitionSecs >= 0.0f)
	{
		Message.transition_secs = static_cast<double>(Direction.TransitionSecs);
	}
	Send(Message);
}

void UFaceRigComponent::Send(const facerig::Direction& Message)
{
	facerig::Error Error;
	if (IsOpen(TEXT("Direct")) && !Voice->Speaker.character().direct(Message, &Error))
	{
		Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
	}
}

void UFaceRigComponent::SetEmotion(const FString& InEmotion, float TransitionSecs)
{
	facerig::Direction Message;
	Message.emotion = FaceRig::ToUtf8(InEmotion);
	if (TransitionSecs >= 0.0f)
	{
		Message.transition_secs = static_cast<double>(TransitionSecs);
	}
	Send(Message);
}

void UFaceRigComponent::SetGaze(FVector Metres)
{
	FFaceRigDirection Direction;
	Direction.bChangeGaze = true;
	Direction.Gaze = Metres;
	Direct(Direction);
}

void UFaceRigComponent::LookAt(FVector WorldLocation)
{
	FVector Eyes;
	FRotator Facing;
	GetOwner()->GetActorEyesViewPoint(Eyes, Facing);
	SetGaze(Facing.UnrotateVector(WorldLocation - Eyes) / CmPerMetre);
}

void UFaceRigComponent::ClearGaze()
{
	facerig::Direction Message;
	Message.gaze_word = "none";
	Send(Message);
}

void UFaceRigComponent::Blink()
{
	facerig::Direction Message;
	Message.blink = true;
	Send(Message);
}

void UFaceRigComponent::SetDetail(int32 Detail)
{
	facerig::Direction Message;
	Message.detail = Detail;
	Send(Message);
}

// --- figures

float UFaceRigComponent::GetLatencyMs() const
{
	return Voice.IsValid() ? static_cast<float>(1e3 * Voice->Speaker.delay_secs()) : 0.0f;
}

float UFaceRigComponent::GetLookAheadMs() const
{
	return Voice.IsValid() ? 1e3f * static_cast<float>(Voice->Speaker.character().latency_samples()) / static_cast<float>(Voice->Speaker.sample_rate()) : 0.0f;
}

int64 UFaceRigComponent::GetLostFrames() const
{
	return Voice.IsValid() ? static_cast<int64>(Voice->Speaker.character().counts().lost) : 0;
}
