#pragma once
#include "CoreMinimal.h"
class ULiveLinkRole : public UObject
{
	STUB_CLASS(ULiveLinkRole, UObject)
};
