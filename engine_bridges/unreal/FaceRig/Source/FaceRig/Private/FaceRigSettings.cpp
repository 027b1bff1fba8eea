#include "FaceRigSettings.h"

#include "HAL/PlatformMisc.h"

FName UFaceRigSettings::GetCategoryName() const
{
	return TEXT("Plugins");
}

FString UFaceRigSettings::SecretKey() const
{
	const FString FromEnvironment = FPlatformMisc::GetEnvironmentVariable(TEXT("FACERIG_SECRET_KEY"));
	return FromEnvironment.IsEmpty() ? ClientSecretKey : FromEnvironment;
}
