// Stub: shared, weak and unique pointers.
#pragma once

#include <memory>

#include "StubText.h"

enum class ESPMode : uint8
{
	NotThreadSafe = 0,
	ThreadSafe = 1
};

template <typename T, ESPMode Mode>
class TSharedRef;

template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedPtr
{
public:
	TSharedPtr() = default;
	TSharedPtr(std::nullptr_t) {}
	TSharedPtr(std::shared_ptr<T> InInner) : Inner(std::move(InInner)) {}
	template <typename O>
	TSharedPtr(const TSharedPtr<O, Mode>& Other) : Inner(Other.Inner)
	{
	}
	template <typename O>
	TSharedPtr(const TSharedRef<O, Mode>& Other) : Inner(Other.Inner)
	{
	}
	bool IsValid() const { return Inner != nullptr; }
	explicit operator bool() const { return IsValid(); }
	void Reset() { Inner.reset(); }
	T* Get() const { return Inner.get(); }
	T& operator*() const
	{
		check(IsValid());
		return *Inner;
	}
	T* operator->() const
	{
		check(IsValid());
		return Inner.get();
	}
	bool operator==(const TSharedPtr& Other) const { return Inner == Other.Inner; }
	bool operator!=(const TSharedPtr& Other) const { return Inner != Other.Inner; }

	std::shared_ptr<T> Inner;
};

template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedRef
{
public:
	TSharedRef(std::shared_ptr<T> InInner) : Inner(std::move(InInner)) {}
	template <typename O>
	TSharedRef(const TSharedRef<O, Mode>& Other) : Inner(Other.Inner)
	{
	}
	T& operator*() const { return *Inner; }
	T* operator->() const { return Inner.get(); }

	std::shared_ptr<T> Inner;
};

template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TWeakPtr
{
public:
	TWeakPtr(const TSharedPtr<T, Mode>& Of) : Inner(Of.Inner) {}
	TSharedPtr<T, Mode> Pin() const { return TSharedPtr<T, Mode>(Inner.lock()); }

private:
	std::weak_ptr<T> Inner;
};

template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedFromThis : public std::enable_shared_from_this<T>
{
public:
	TSharedRef<T, Mode> AsShared() { return TSharedRef<T, Mode>(this->shared_from_this()); }
};

template <typename T, ESPMode Mode = ESPMode::ThreadSafe, typename... Args>
TSharedRef<T, Mode> MakeShared(Args&&... InArgs)
{
	return TSharedRef<T, Mode>(std::make_shared<T>(static_cast<Args&&>(InArgs)...));
}

template <typename T>
class TUniquePtr
{
public:
	TUniquePtr() = default;
	explicit TUniquePtr(T* Inner) : Inner(Inner) {}
	bool IsValid() const { return Inner != nullptr; }
	T& operator*() const { return *Inner; }
	T* operator->() const { return Inner.get(); }

private:
	std::unique_ptr<T> Inner;
};
