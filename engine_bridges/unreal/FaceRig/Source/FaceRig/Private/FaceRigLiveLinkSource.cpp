#include "FaceRigLiveLinkSource.h"

#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "LiveLinkTypes.h"
#include "Roles/LiveLinkBasicRole.h"

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "FaceRigCore/Observer.h"
#include "FaceRigModule.h"
#include "FaceRigText.h"
#include "Sound/FrameTimes.h"

#define LOCTEXT_NAMESPACE "FaceRig"

/** Passes on what an observer hears; Live Link takes it on any thread. Frames of interrupted epochs never get here. */
class FFaceRigAudience final : public facerig::ObserverListener
{
public:
	FFaceRigAudience(ILiveLinkClient& InClient, const FGuid& InSource) : Client(InClient), Source(InSource) {}

	void Listen(const facerig::Address& Address, const std::vector<std::string>& Subjects)
	{
		Observer = std::make_unique<facerig::Observer>(Address, Subjects, *this);
	}

	/** Nothing is passed on after this. Waits for the observer's thread. */
	void Stop()
	{
		Observer.reset();
	}

	virtual void on_schema(const facerig::Schema& Schema) override
	{
		FLiveLinkStaticDataStruct StaticData(FLiveLinkBaseStaticData::StaticStruct());
		TArray<FName>& Names = StaticData.Cast<FLiveLinkBaseStaticData>()->PropertyNames;
		Names.Reserve(static_cast<int32>(Schema.curves.size()));
		for (const facerig::Curve& Curve : Schema.curves)
		{
			Names.Add(FaceRig::CurveName(Curve.name));
		}
		Times[Schema.subject] = {};
		Num = static_cast<int32>(Times.size());
		Client.PushSubjectStaticData_AnyThread(Key(Schema), ULiveLinkBasicRole::StaticClass(), MoveTemp(StaticData));
	}

	virtual void on_frame(const facerig::Schema& Schema, const facerig::FrameView& View) override
	{
		const double Fps = static_cast<double>(Schema.fps_numerator) / static_cast<double>(Schema.fps_denominator);
		FLiveLinkFrameDataStruct FrameData(FLiveLinkBaseFrameData::StaticStruct());
		FLiveLinkBaseFrameData& Frame = *FrameData.Cast<FLiveLinkBaseFrameData>();
		Frame.PropertyValues.SetNumUninitialized(static_cast<int32>(View.count));
		View.copy_to(Frame.PropertyValues.GetData());
		Frame.WorldTime = FLiveLinkWorldTime(Times[Schema.subject].at(View.index, FPlatformTime::Seconds(), Fps));
		Client.PushSubjectFrameData_AnyThread(Key(Schema), MoveTemp(FrameData));
	}

	virtual void on_connection(bool bInConnected) override
	{
		bConnected = bInConnected;
	}

	std::atomic<bool> bConnected{false};
	std::atomic<bool> bStopped{false};
	std::atomic<int32> Num{0};

private:
	FLiveLinkSubjectKey Key(const facerig::Schema& Schema) const
	{
		return FLiveLinkSubjectKey(Source, FName(*FaceRig::FromUtf8(Schema.subject)));
	}

	ILiveLinkClient& Client;
	const FGuid Source;
	std::map<std::string, facerig::FrameTimes> Times;
	std::unique_ptr<facerig::Observer> Observer;
};

FFaceRigLiveLinkSource::FFaceRigLiveLinkSource(const facerig::Address& InAddress, const TArray<FString>& InSubjects)
	: Address(InAddress)
	, Subjects(InSubjects)
{
}

FFaceRigLiveLinkSource::~FFaceRigLiveLinkSource()
{
	if (Audience && !bStopping)
	{
		Audience->Stop(); // Live Link itself ends: there is nobody to pass anything on to
	}
}

void FFaceRigLiveLinkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	std::vector<std::string> Names;
	for (const FString& Subject : Subjects)
	{
		Names.push_back(FaceRig::ToUtf8(Subject));
	}
	facerig::Error Error;
	if (!facerig::check_address(Address, Error))
	{
		UE_LOG(LogFaceRig, Error, TEXT("%s"), *FaceRig::Line(Error));
		return;
	}
	Audience = std::make_shared<FFaceRigAudience>(*InClient, InSourceGuid);
	Audience->Listen(Address, Names);
}

bool FFaceRigLiveLinkSource::IsSourceStillValid() const
{
	return Audience && Audience->bConnected;
}

bool FFaceRigLiveLinkSource::RequestSourceShutdown()
{
	if (!Audience || Audience->bStopped)
	{
		Audience.reset();
		return true;
	}
	// Live Link asks again until it hears true: the thread ends in the background meanwhile.
	if (!bStopping)
	{
		bStopping = true;
		FFaceRigModule::Get().InBackground([Last = Audience]()
		{
			Last->Stop();
			Last->bStopped = true;
		});
	}
	return false;
}

FText FFaceRigLiveLinkSource::GetSourceType() const
{
	return LOCTEXT("Type", "FaceRig");
}

FText FFaceRigLiveLinkSource::GetSourceMachineName() const
{
	return FText::FromString(FaceRig::FromUtf8(Address.service));
}

FText FFaceRigLiveLinkSource::GetSourceStatus() const
{
	if (!Audience)
	{
		return LOCTEXT("Wrong", "Wrong address or keys: see the log");
	}
	if (!Audience->bConnected)
	{
		return LOCTEXT("Connecting", "Connecting");
	}
	return Audience->Num > 0 ? LOCTEXT("Active", "Active") : LOCTEXT("NobodySpeaks", "Connected; no character is open");
}

#undef LOCTEXT_NAMESPACE
