#include "FaceRigComponent.h"

#include "Components/AudioComponent.h"
#include "Components/SkeletalMeshComponent.h"
#include "GameFramework/Actor.h"
#include "Sound/SoundSubmix.h"

#include "FaceRigLocalSource.h"
#include "FaceRigModule.h"
#include "FaceRigSettings.h"
#include "FaceRigSoundWave.h"
#include "FaceRigTap.h"
#include "FaceRigText.h"
#include "FaceRigVoice.h"

namespace
{
	constexpr int64 PatienceNs = 5'000'000'000; // until it is said that no service answers; the client goes on trying

	facerig::SoundDelay ProjectDelay()
	{
		const UFaceRigSettings* Settings = GetDefault<UFaceRigSettings>();
		facerig::SoundDelay Delay;
		Delay.margin_secs = 1e-3 * static_cast<double>(Settings->MarginMs);
		Delay.patience_secs = 1e-3 * static_cast<double>(Settings->PatienceMs);
		Delay.output_secs = 1e-3 * static_cast<double>(Settings->OutputLatencyMs);
		return Delay;
	}
}

UFaceRigComponent::UFaceRigComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
	PrimaryComponentTick.TickGroup = TG_PrePhysics; // before animation is evaluated
}

void UFaceRigComponent::BeginPlay()
{
	Super::BeginPlay();
	if (bConnectOnBeginPlay)
	{
		Connect();
	}
}

void UFaceRigComponent::EndPlay(const EEndPlayReason::Type EndPlayReason)
{
	Disconnect();
	Super::EndPlay(EndPlayReason);
}

// --- connection

void UFaceRigComponent::Connect()
{
	if (Voice.IsValid())
	{
		if (Voice->Speaker.character().state() != facerig::CharacterState::over)
		{
			return;
		}
		Disconnect();
	}
	const UFaceRigSettings* Settings = GetDefault<UFaceRigSettings>();
	FFaceRigModule& Module = FFaceRigModule::Get();
	const facerig::Address Address = FFaceRigModule::ProjectAddress();
	facerig::Error Error;
	if (!facerig::check_address(Address, Error))
	{
		Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
		return;
	}
	const FString Name = SubjectName();
	facerig::OpenRequest Request;
	Request.subject = FaceRig::ToUtf8(Name);
	Request.sample_rate = SampleRate;
	Request.fps = FaceRig::ToUtf8(Fps);
	Request.rig = FaceRig::ToUtf8(Rig.IsEmpty() ? Settings->Rig : Rig);
	Request.pace = Settings->Pace == EFaceRigPace::Burst ? "burst" : "realtime";
	Request.seed = FMath::Max(Seed, 0);
	Request.emotion = FaceRig::ToUtf8(Emotion);

	std::shared_ptr<facerig::Client> Client = Module.Connect(Address);
	std::shared_ptr<facerig::Character> Character = Client->open(Request, Error);
	if (!Character)
	{
		Fail(FaceRig::FromUtf8(Error.code), FaceRig::FromUtf8(Error.what), FaceRig::FromUtf8(Error.fix));
		return;
	}
	Voice = MakeShared<FFaceRigVoice>(MoveTemp(Client), MoveTemp(Character), SampleRate, ProjectDelay());
	Voice->Service = Settings->Address;
	Voice->Subject = FName(*Name);
	Voice->OpenedNs = FaceRig::NowNs();
}

void UFaceRigComponent::Disconnect()
{
	if (!Voice.IsValid())
	{
		return;
	}
	StopListening();
	if (Player != nullptr)
	{
		Player->Stop();
		Player->DestroyComponent();
		Player = nullptr;
		Wave = nullptr;
	}
	if (Voice->Source.IsValid())
	{
		Voice->Source->Remove(Voice->Subject);
	}
	Voice->Speaker.interrupt(); // what has not been said stays unsaid
	Voice->Speaker.character().close();
	Voice.Reset();
}

bool UFaceRigComponent::IsConnected() const
{
	return Voice.IsValid() && std::as_const(*Voice).Speaker.character().state() == facerig::CharacterState::open;
}

FString UFaceRigComponent::SubjectName() const
{
	return Subject.IsEmpty() ? GetOwner()->GetName() : Subject;
}

bool UFaceRigComponent::IsOpen(const TCHAR* What)
{
	if (!Voice.IsValid())
	{
		Fail(TEXT("config"), FString::Printf(TEXT("%s needs a connection"), What), TEXT("call Connect first"));
	}
	return Voice.IsValid();
}

void UFaceRigComponent::Fail(const FString& Code, const FString& What, const FString& Fix)
{
	UE_LOG(LogFaceRig, Warning, TEXT("%s: %s (%s)"), *SubjectName(), *What, *Fix);
	OnError.Broadcast(Code, What, Fix);
}

// --- each picture

void UFaceRigComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	Super::TickComponent(DeltaTime, TickType, ThisTickFunction);
	if (!Voice.IsValid())
	{
		return;
	}
	const int64 NowNs = FaceRig::NowNs();
	FFaceRigModule::Get().Report(*Voice->Client);
	HearEvents(NowNs);
	if (!Voice.IsValid()) // somebody disconnected on hearing of one
	{
		return;
	}
	TakeAudio(DeltaTime, NowNs);
	HearSubmix(NowNs);
	if (Voice->Speaker.picture(NowNs, Voice->Picture))
	{
		ShowFace();
	}
	PlayVoice(NowNs);

	const bool bSpeaks = IsSpeaking();
	const bool bFinished = Voice->bSpoke && !bSpeaks;
	Voice->bSpoke = bSpeaks;
	if (bFinished)
	{
		OnSpeechFinished.Broadcast();
	}
}

void UFaceRigComponent::HearEvents(int64 NowNs)
{
	const TSharedPtr<FFaceRigVoice> Kept = Voice; // whoever hears of an event may disconnect
	facerig::Event Event;
	while (Voice == Kept && Kept->Speaker.next_event(NowNs, Event))
	{
		switch (Event.kind)
		{
		case facerig::EventKind::opened:
			Kept->bTold = true;
			TakeNames();
			OnConnected.Broadcast();
			break;
		case facerig::EventKind::resumed:
			OnConnected.Broadcast();
			break;
		case facerig::EventKind::schema:
			TakeNames();
			break;
		case facerig::EventKind::interrupted:
			OnInterrupted.Broadcast();
			break;
		case facerig::EventKind::lost:
			OnDisconnected.Broadcast(TEXT("lost"));
			break;
		case facerig::EventKind::closed:
			OnDisconnected.Broadcast(FaceRig::FromUtf8(Event.reason));
			break;
		case facerig::EventKind::refused:
			Kept->bTold = true;
			Fail(FaceRig::FromUtf8(Event.error.code), FaceRig::FromUtf8(Event.error.what), FaceRig::FromUtf8(Event.error.fix));
			break;
		case facerig::EventKind::connected:
		case facerig::EventKind::spoken: // the speaker plays it
			break;
		}
	}
	if (Voice == Kept && !Kept->bTold && NowNs - Kept->OpenedNs > PatienceNs)
	{
		Kept->bTold = true;
		Fail(TEXT("timeout"), FString::Printf(TEXT("no service answers at %s"), *Kept->Service),
			TEXT("start one (facerig serve), or set its address and keys in Project Settings > Plugins > FaceRig"));
	}
}

void UFaceRigComponent::TakeNames()
{
	const std::shared_ptr<const facerig::Schema> Schema = Voice->Speaker.character().schema();
	if (!Schema)
	{
		return;
	}
	Voice->Names.Reset();
	for (const facerig::Curve& Curve : Schema->curves)
	{
		Voice->Names.Add(FaceRig::CurveName(Curve.name));
	}
	Voice->Source.Reset(); // it is told anew
	FindMorphTargets();
}

// --- face

void UFaceRigComponent::ShowFace()
{
	const std::vector<float>& Values = Voice->Picture.values;
	const int32 Num = static_cast<int32>(Values.size());
	if (Num != Voice->Names.Num())
	{
		return; // the schema's event is still to come
	}
	if (bPushToLiveLink)
	{
		const TSharedPtr<FFaceRigLocalSource> Source = FFaceRigModule::Get().LocalSource();
		if (Source.IsValid() && Source != Voice->Source)
		{
			Source->Describe(Voice->Subject, Voice->Names);
			Voice->Source = Source;
		}
		if (Source.IsValid())
		{
			Source->Push(Voice->Subject, Values.data(), Num);
		}
	}
	if (bDriveMorphTargets && Mesh != nullptr)
	{
		for (int32 At = 0; At < Num; ++At)
		{
			if (!Voice->Targets[At].IsNone())
			{
				Mesh->SetMorphTarget(Voice->Targets[At], Values[static_cast<size_t>(At)]);
			}
		}
	}
}

void UFaceRigComponent::FindMorphTargets()
{
	Mesh = nullptr;
	Voice->Targets.Reset();
	if (!bDriveMorphTargets)
	{
		return;
	}
	TArray<USkeletalMeshComponent*> Meshes;
	GetOwner()->GetComponents(Meshes);
	for (USkeletalMeshComponent* Candidate : Meshes)
	{
		TArray<FName> Targets;
		bool bAny = false;
		for (const FName& Name : Voice->Names)
		{
			const FName* Other = MorphTargetNames.Find(Name);
			const FName Target = Other != nullptr ? *Other : Name;
			const bool bFound = Candidate->FindMorphTarget(Target) != nullptr;
			Targets.Add(bFound ? Target : FName());
			bAny |= bFound;
		}
		if (bAny)
		{
			Mesh = Candidate;
			Voice->Targets = MoveTemp(Targets);
			return;
		}
	}
	Fail(TEXT("config"), TEXT("no skeletal mesh of the actor has a morph target with a name of the rig's curves"),
		TEXT("name them in MorphTargetNames, or choose another rig"));
}

float UFaceRigComponent::GetCurve(FName Name) const
{
	const int32 At = Voice.IsValid() ? Voice->Names.Find(Name) : INDEX_NONE;
	const bool bShown = At != INDEX_NONE && static_cast<size_t>(At) < Voice->Picture.values.size();
	return bShown ? Voice->Picture.values[static_cast<size_t>(At)] : 0.0f;
}

TArray<FName> UFaceRigComponent::GetCurveNames() const
{
	return Voice.IsValid() ? Voice->Names : TArray<FName>();
}
