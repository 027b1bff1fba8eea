#pragma once
#include "CoreMinimal.h"
class USoundSubmix : public UObject
{
	STUB_CLASS(USoundSubmix, UObject)
};
