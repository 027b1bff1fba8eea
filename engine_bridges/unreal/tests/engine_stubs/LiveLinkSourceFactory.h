#pragma once
#include "ILiveLinkSource.h"
class ULiveLinkSourceFactory : public UObject
{
	STUB_CLASS(ULiveLinkSourceFactory, UObject)
	enum class EMenuType
	{
		SubPanel,
		MenuEntry,
		Disabled,
	};
	virtual FText GetSourceDisplayName() const { return FText(); }
	virtual FText GetSourceTooltip() const { return FText(); }
	virtual EMenuType GetMenuType() const { return EMenuType::Disabled; }
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const
	{
		(void)ConnectionString;
		return TSharedPtr<ILiveLinkSource>();
	}
};
