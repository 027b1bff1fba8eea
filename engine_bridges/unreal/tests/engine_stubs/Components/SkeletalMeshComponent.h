#pragma once
#include "Components/SceneComponent.h"
class UMorphTarget : public UObject
{
	STUB_CLASS(UMorphTarget, UObject)
};
class USkeletalMeshComponent : public USceneComponent
{
	STUB_CLASS(USkeletalMeshComponent, USceneComponent)
	UMorphTarget* FindMorphTarget(FName MorphTargetName) const
	{
		static UMorphTarget Any;
		return StubTargets.Find(MorphTargetName) != nullptr ? &Any : nullptr;
	}
	void SetMorphTarget(FName MorphTargetName, float Value, bool bRemoveZeroWeight = true)
	{
		(void)bRemoveZeroWeight;
		StubTargets.Add(MorphTargetName, Value);
	}
	TMap<FName, float> StubTargets;
};
