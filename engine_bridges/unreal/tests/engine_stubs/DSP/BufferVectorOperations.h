#pragma once
#include "CoreMinimal.h"
namespace Audio
{
	struct FAudioBufferAlignedAllocator
	{
	};
	using FAlignedFloatBuffer = TArray<float, FAudioBufferAlignedAllocator>;
}
