#pragma once
#include "ISubmixBufferListener.h"
#include "Sound/SoundSubmix.h"
class FAudioDevice
{
public:
#if UE_VERSION_OLDER_THAN(5, 4, 0)
	void RegisterSubmixBufferListener(ISubmixBufferListener* InSubmixBufferListener, USoundSubmix* InSubmix = nullptr)
	{
		(void)InSubmix;
		StubListener = InSubmixBufferListener;
	}
	void UnregisterSubmixBufferListener(ISubmixBufferListener* InSubmixBufferListener, USoundSubmix* InSubmix = nullptr)
	{
		(void)InSubmixBufferListener, (void)InSubmix;
		StubListener = nullptr;
	}
	ISubmixBufferListener* StubListener = nullptr;
#else
	USoundSubmix& GetMainSubmixObject() const
	{
		static USoundSubmix Main;
		return Main;
	}
	void RegisterSubmixBufferListener(TSharedRef<ISubmixBufferListener, ESPMode::ThreadSafe> InSubmixBufferListener, USoundSubmix& InSubmix)
	{
		(void)InSubmix;
		StubListener = InSubmixBufferListener;
	}
	void UnregisterSubmixBufferListener(TSharedRef<ISubmixBufferListener, ESPMode::ThreadSafe> InSubmixBufferListener, USoundSubmix& InSubmix)
	{
		(void)InSubmix;
		check(StubListener.Get() == &*InSubmixBufferListener);
		StubListener.Reset();
	}
	TSharedPtr<ISubmixBufferListener, ESPMode::ThreadSafe> StubListener;
#endif
};
