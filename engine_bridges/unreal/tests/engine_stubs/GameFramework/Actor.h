#pragma once
#include "Components/SceneComponent.h"
class AActor : public UObject
{
	STUB_CLASS(AActor, UObject)
	USceneComponent* GetRootComponent() const { return StubRoot; }
	virtual void GetActorEyesViewPoint(FVector& OutLocation, FRotator& OutRotation) const
	{
		OutLocation = StubEyes;
		OutRotation = StubFacing;
	}
	template <class T, class A>
	void GetComponents(TArray<T*, A>& OutComponents, bool bIncludeFromChildActors = false) const
	{
		(void)bIncludeFromChildActors;
		OutComponents.Reset();
		for (UActorComponent* Component : StubComponents)
		{
			if (Component->IsA<T>())
			{
				OutComponents.Add(static_cast<T*>(Component));
			}
		}
	}
	USceneComponent* StubRoot = nullptr;
	FVector StubEyes;
	FRotator StubFacing;
	TArray<UActorComponent*> StubComponents;
};
