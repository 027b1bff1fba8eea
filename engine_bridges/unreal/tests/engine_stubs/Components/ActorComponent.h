#pragma once
#include "CoreMinimal.h"
class AActor;
class UWorld;
namespace EEndPlayReason
{
	enum Type : int
	{
		Destroyed,
		LevelTransition,
		EndPlayInEditor,
		RemovedFromWorld,
		Quit,
	};
}
enum ELevelTick : int
{
	LEVELTICK_TimeOnly = 0,
	LEVELTICK_ViewportsOnly = 1,
	LEVELTICK_All = 2,
	LEVELTICK_PauseTick = 3,
};
enum ETickingGroup : int
{
	TG_PrePhysics,
	TG_StartPhysics,
	TG_DuringPhysics,
	TG_EndPhysics,
	TG_PostPhysics,
	TG_PostUpdateWork,
	TG_LastDemotable,
	TG_NewlySpawned,
	TG_MAX,
};
struct FActorComponentTickFunction
{
	uint8 bCanEverTick : 1;
	ETickingGroup TickGroup = TG_PrePhysics;
};
class UActorComponent : public UObject
{
	STUB_CLASS(UActorComponent, UObject)
	virtual void BeginPlay() {}
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason) { (void)EndPlayReason; }
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
	{
		(void)DeltaTime, (void)TickType, (void)ThisTickFunction;
	}
	virtual UWorld* GetWorld() const { return StubWorld; }
	AActor* GetOwner() const { return StubOwner; }
	void RegisterComponent() { bStubRegistered = true; }
	virtual void DestroyComponent(bool bPromoteChildren = false)
	{
		(void)bPromoteChildren;
		bStubRegistered = false;
	}
	FActorComponentTickFunction PrimaryComponentTick;

	AActor* StubOwner = nullptr;
	UWorld* StubWorld = nullptr;
	bool bStubRegistered = false;
};
