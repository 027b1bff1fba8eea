#include "FaceRigLiveLinkSourceFactory.h"

#include "FaceRigLiveLinkSource.h"
#include "FaceRigModule.h"
#include "FaceRigText.h"

#define LOCTEXT_NAMESPACE "FaceRig"

FText UFaceRigLiveLinkSourceFactory::GetSourceDisplayName() const
{
	return LOCTEXT("FactoryName", "FaceRig");
}

FText UFaceRigLiveLinkSourceFactory::GetSourceTooltip() const
{
	return LOCTEXT("FactoryTooltip", "The speaking faces of a facerig service, as set in Project Settings > Plugins > FaceRig");
}

ULiveLinkSourceFactory::EMenuType UFaceRigLiveLinkSourceFactory::GetMenuType() const
{
	return EMenuType::MenuEntry;
}

TSharedPtr<ILiveLinkSource> UFaceRigLiveLinkSourceFactory::CreateSource(const FString& ConnectionString) const
{
	facerig::Address Address = FFaceRigModule::ProjectAddress();
	TArray<FString> Subjects, Parts;
	ConnectionString.ParseIntoArray(Parts, TEXT(";"));
	for (const FString& Part : Parts)
	{
		FString Name, Value;
		if (!Part.Split(TEXT("="), &Name, &Value))
		{
			UE_LOG(LogFaceRig, Warning, TEXT("Connection string: '%s' is no name=value"), *Part);
		}
		else if (Name == TEXT("address"))
		{
			Address.service = FaceRig::ToUtf8(Value);
		}
		else if (Name == TEXT("curves"))
		{
			Address.curves_port = FCString::Atoi(*Value);
		}
		else if (Name == TEXT("subjects"))
		{
			Value.ParseIntoArray(Subjects, TEXT(","));
		}
		else
		{
			UE_LOG(LogFaceRig, Warning, TEXT("Connection string: '%s' is none of address, curves, subjects"), *Name);
		}
	}
	return MakeShared<FFaceRigLiveLinkSource>(Address, Subjects);
}

#undef LOCTEXT_NAMESPACE
