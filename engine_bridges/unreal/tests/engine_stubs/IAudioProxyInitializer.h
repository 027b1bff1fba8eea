#pragma once
#include "CoreMinimal.h"
namespace Audio
{
	struct FProxyDataInitParams
	{
		FName NameOfFeatureRequestingProxy;
	};
	class IProxyData
	{
	public:
		virtual ~IProxyData() = default;
		template <typename ProxyType>
		ProxyType& GetAs()
		{
			return static_cast<ProxyType&>(*this);
		}
	};
	template <typename Type>
	class TProxyData : public IProxyData
	{
	};
}
