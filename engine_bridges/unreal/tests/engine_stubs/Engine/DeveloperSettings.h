#pragma once
#include "CoreMinimal.h"
class UDeveloperSettings : public UObject
{
	STUB_CLASS(UDeveloperSettings, UObject)
	virtual FName GetContainerName() const { return TEXT("Project"); }
	virtual FName GetCategoryName() const { return TEXT("Game"); }
	virtual FName GetSectionName() const { return TEXT("Settings"); }
};
