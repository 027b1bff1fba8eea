#pragma once
#include "CoreMinimal.h"
struct FPlatformMisc
{
	static FString GetEnvironmentVariable(const TCHAR* VariableName)
	{
		const char* Value = std::getenv(StubToUtf8(VariableName).c_str());
		return Value == nullptr ? FString() : FString(UTF8_TO_TCHAR(Value));
	}
};
