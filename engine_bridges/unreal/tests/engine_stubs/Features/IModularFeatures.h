#pragma once
#include "CoreMinimal.h"
class IModularFeature
{
public:
	virtual ~IModularFeature() = default;
};
class IModularFeatures
{
public:
	static IModularFeatures& Get();
	bool IsModularFeatureAvailable(const FName Type) { return Type == StubType && StubFeature != nullptr; }
	template <typename TModularFeature>
	TModularFeature& GetModularFeature(const FName Type)
	{
		check(IsModularFeatureAvailable(Type));
		return static_cast<TModularFeature&>(*StubFeature);
	}
	FName StubType;
	IModularFeature* StubFeature = nullptr;
};
