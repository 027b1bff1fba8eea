#pragma once
#include "Components/ActorComponent.h"
class USceneComponent : public UActorComponent
{
	STUB_CLASS(USceneComponent, UActorComponent)
	void SetupAttachment(USceneComponent* InParent, FName InSocketName = FName())
	{
		(void)InSocketName;
		StubParent = InParent;
	}
	uint8 bAutoActivate : 1;
	USceneComponent* StubParent = nullptr;
};
