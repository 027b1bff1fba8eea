#include "FaceRigLocalSource.h"

#include "Features/IModularFeatures.h"
#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "LiveLinkTypes.h"
#include "Roles/LiveLinkBasicRole.h"

#define LOCTEXT_NAMESPACE "FaceRig"

TSharedPtr<FFaceRigLocalSource> FFaceRigLocalSource::Create()
{
	IModularFeatures& Features = IModularFeatures::Get();
	if (!Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName))
	{
		return nullptr;
	}
	TSharedPtr<FFaceRigLocalSource> Source = MakeShared<FFaceRigLocalSource>();
	Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName).AddSource(Source);
	return Source;
}

void FFaceRigLocalSource::Describe(FName Subject, const TArray<FName>& Curves)
{
	if (Client == nullptr)
	{
		return;
	}
	FLiveLinkStaticDataStruct StaticData(FLiveLinkBaseStaticData::StaticStruct());
	StaticData.Cast<FLiveLinkBaseStaticData>()->PropertyNames = Curves;
	Client->PushSubjectStaticData_AnyThread({SourceGuid, Subject}, ULiveLinkBasicRole::StaticClass(), MoveTemp(StaticData));
	Subjects.Add(Subject, Curves.Num());
}

void FFaceRigLocalSource::Push(FName Subject, const float* Values, int32 Num)
{
	const int32* Expected = Subjects.Find(Subject);
	if (Client == nullptr || Expected == nullptr || *Expected != Num)
	{
		return;
	}
	FLiveLinkFrameDataStruct FrameData(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData& Frame = *FrameData.Cast<FLiveLinkBaseFrameData>();
	Frame.PropertyValues.Append(Values, Num);
	Frame.WorldTime = FLiveLinkWorldTime(FPlatformTime::Seconds());
	Client->PushSubjectFrameData_AnyThread({SourceGuid, Subject}, MoveTemp(FrameData));
}

void FFaceRigLocalSource::Remove(FName Subject)
{
	if (Client != nullptr && Subjects.Remove(Subject) > 0)
	{
		Client->RemoveSubject_AnyThread({SourceGuid, Subject});
	}
}

void FFaceRigLocalSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	SourceGuid = InSourceGuid;
}

bool FFaceRigLocalSource::IsSourceStillValid() const
{
	return Client != nullptr;
}

bool FFaceRigLocalSource::RequestSourceShutdown()
{
	Client = nullptr;
	Subjects.Empty();
	return true;
}

FText FFaceRigLocalSource::GetSourceType() const
{
	return LOCTEXT("LocalType", "FaceRig (this game)");
}

FText FFaceRigLocalSource::GetSourceMachineName() const
{
	return LOCTEXT("LocalMachine", "This machine");
}

FText FFaceRigLocalSource::GetSourceStatus() const
{
	return LOCTEXT("LocalStatus", "Active");
}

#undef LOCTEXT_NAMESPACE
