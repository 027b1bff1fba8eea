// Texts, times and errors between Unreal and the core.

#pragma once

#include "CoreMinimal.h"
#include "HAL/PlatformTime.h"

#include <string>

#include "FaceRigCore/Error.h"

namespace FaceRig
{
	/** Now, on a clock that never goes back. */
	inline int64 NowNs()
	{
		return static_cast<int64>(FPlatformTime::Seconds() * 1e9);
	}

	inline std::string ToUtf8(const FString& Text)
	{
		return std::string(TCHAR_TO_UTF8(*Text));
	}

	inline FString FromUtf8(const std::string& Text)
	{
		return FString(UTF8_TO_TCHAR(Text.c_str()));
	}

	inline FString Line(const facerig::Error& Error)
	{
		return FromUtf8(Error.text());
	}

	/** As Unreal's own ARKit plugins spell a curve: eyeBlinkLeft is EyeBlinkLeft there. Others begin in upper case. */
	inline FName CurveName(const std::string& Name)
	{
		FString Text = FromUtf8(Name);
		if (!Text.IsEmpty())
		{
			Text[0] = FChar::ToUpper(Text[0]);
		}
		return FName(*Text);
	}
}
