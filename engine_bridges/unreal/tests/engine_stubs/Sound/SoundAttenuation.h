#pragma once
#include "CoreMinimal.h"
class USoundAttenuation : public UObject
{
	STUB_CLASS(USoundAttenuation, UObject)
};
