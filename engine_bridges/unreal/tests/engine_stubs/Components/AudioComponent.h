#pragma once
#include <atomic>
#include "Components/SceneComponent.h"
class USoundBase;
class USoundAttenuation;
class UAudioComponent : public USceneComponent
{
	STUB_CLASS(UAudioComponent, USceneComponent)
	TObjectPtr<USoundBase> Sound;
	TObjectPtr<USoundAttenuation> AttenuationSettings;
	uint8 bAllowSpatialization : 1;
	void SetSound(USoundBase* NewSound) { Sound = NewSound; }
	virtual void Play(float StartTime = 0.0f)
	{
		(void)StartTime;
		bStubPlays = true;
		StubPlays() = this;
	}
	virtual void Stop()
	{
		bStubPlays = false;
		StubPlays() = nullptr;
	}
	virtual bool IsPlaying() const { return bStubPlays; }

	std::atomic<bool> bStubPlays{false};
	static std::atomic<UAudioComponent*>& StubPlays() // the one that plays, for a mixer of one voice
	{
		static std::atomic<UAudioComponent*> One{nullptr};
		return One;
	}
};
