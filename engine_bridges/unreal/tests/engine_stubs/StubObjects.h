// Stub: objects and their classes. The macros of the header tool are made by the test (generated.py), as it does.
#pragma once

#include <memory>
#include <vector>

#include "StubContainers.h"
#include "StubText.h"

#define UCLASS(...)
#define USTRUCT(...)
#define UENUM(...)
#define UPROPERTY(...)
#define UFUNCTION(...)
#define UMETA(...)
#define STUB_PASTE4_(a, b, c, d) a##b##c##d
#define STUB_PASTE4(a, b, c, d) STUB_PASTE4_(a, b, c, d)
#define GENERATED_BODY(...) STUB_PASTE4(CURRENT_FILE_ID, _, __LINE__, _GENERATED_BODY)

struct UClass
{
	const UClass* Base;
};

#define STUB_CLASS(Name, BaseName)                                   \
public:                                                              \
	using Super = BaseName;                                          \
	static UClass* StaticClass()                                     \
	{                                                                \
		static UClass Class{BaseName::StaticClass()};                \
		return &Class;                                               \
	}                                                                \
	virtual UClass* GetClass() const override { return StaticClass(); }

struct FObjectInitializer
{
	static const FObjectInitializer& Get()
	{
		static const FObjectInitializer One;
		return One;
	}
};

class UObject
{
public:
	virtual ~UObject() = default;
	static UClass* StaticClass()
	{
		static UClass Class{nullptr};
		return &Class;
	}
	virtual UClass* GetClass() const { return StaticClass(); }
	FString GetName() const { return StubName; }
	template <typename T>
	bool IsA() const
	{
		for (const UClass* Class = GetClass(); Class != nullptr; Class = Class->Base)
		{
			if (Class == T::StaticClass())
			{
				return true;
			}
		}
		return false;
	}

	FString StubName;
	UObject* StubOuter = nullptr;
	std::shared_ptr<int> StubAlive = std::make_shared<int>(0);
};

// All objects live until the end of the test.
inline std::vector<std::unique_ptr<UObject>>& StubGarbage()
{
	static std::vector<std::unique_ptr<UObject>> All;
	return All;
}

template <typename T>
T* NewObject(UObject* Outer)
{
	std::unique_ptr<T> One;
	if constexpr (std::is_constructible_v<T, const FObjectInitializer&>)
	{
		One = std::make_unique<T>(FObjectInitializer::Get());
	}
	else
	{
		One = std::make_unique<T>();
	}
	T* Out = One.get();
	Out->StubOuter = Outer;
	StubGarbage().push_back(std::move(One));
	return Out;
}

template <typename T>
const T* GetDefault()
{
	static const T One;
	return &One;
}

template <typename T>
class TObjectPtr
{
public:
	TObjectPtr() = default;
	TObjectPtr(T* InObject) : Object(InObject) {}
	operator T*() const { return Object; }
	T* operator->() const
	{
		check(Object != nullptr);
		return Object;
	}

private:
	T* Object = nullptr;
};

template <typename T>
class TWeakObjectPtr
{
public:
	TWeakObjectPtr(T* InObject) : Object(InObject), Alive(InObject->StubAlive) {}
	T* Get() const { return Alive.expired() ? nullptr : Object; }

private:
	T* Object;
	std::weak_ptr<int> Alive;
};

template <typename T>
class TSubclassOf
{
public:
	TSubclassOf(UClass* InClass) : Class(InClass) {}
	UClass* Get() const { return Class; }

private:
	UClass* Class;
};

bool IsInGameThread();
