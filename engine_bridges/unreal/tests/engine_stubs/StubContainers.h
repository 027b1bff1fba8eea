// Stub: containers and functions.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "StubText.h"

template <typename T, typename A = FDefaultAllocator>
class TArray
{
public:
	int32 Num() const { return static_cast<int32>(Items.size()); }
	T* GetData() { return Items.data(); }
	const T* GetData() const { return Items.data(); }
	T& operator[](int32 At) { return Items.at(Index(At)); }
	const T& operator[](int32 At) const { return Items.at(Index(At)); }
	int32 Add(const T& Item)
	{
		Items.push_back(Item);
		return Num() - 1;
	}
	int32 Add(T&& Item)
	{
		Items.push_back(static_cast<T&&>(Item));
		return Num() - 1;
	}
	void Append(const T* Ptr, int32 Count) { Items.insert(Items.end(), Ptr, Ptr + Count); }
	void AddZeroed(int32 Count) { Items.resize(Items.size() + static_cast<std::size_t>(Count)); }
	void SetNumUninitialized(int32 NewNum) { Items.resize(static_cast<std::size_t>(NewNum)); }
	void Reserve(int32 Number) { Items.reserve(static_cast<std::size_t>(Number)); }
	void Reset() { Items.clear(); }
	void Empty() { Items.clear(); }
	int32 Find(const T& Item) const
	{
		const auto At = std::find(Items.begin(), Items.end(), Item);
		return At == Items.end() ? INDEX_NONE : static_cast<int32>(At - Items.begin());
	}
	template <typename Predicate>
	int32 RemoveAll(const Predicate& Matches)
	{
		const int32 Before = Num();
		Items.erase(std::remove_if(Items.begin(), Items.end(), Matches), Items.end());
		return Before - Num();
	}
	auto begin() { return Items.begin(); }
	auto end() { return Items.end(); }
	auto begin() const { return Items.begin(); }
	auto end() const { return Items.end(); }

private:
	static std::size_t Index(int32 At)
	{
		check(At >= 0);
		return static_cast<std::size_t>(At);
	}
	std::vector<T> Items;
};

template <typename K, typename V>
struct TPair
{
	K Key;
	V Value;
};

template <typename K, typename V>
class TMap
{
public:
	int32 Num() const { return static_cast<int32>(Pairs.size()); }
	V& Add(const K& Key, const V& Value)
	{
		Remove(Key);
		Pairs.push_back({Key, Value});
		return Pairs.back().Value;
	}
	V* Find(const K& Key)
	{
		for (TPair<K, V>& Pair : Pairs)
		{
			if (Pair.Key == Key)
			{
				return &Pair.Value;
			}
		}
		return nullptr;
	}
	const V* Find(const K& Key) const { return const_cast<TMap&>(*this).Find(Key); }
	int32 Remove(const K& Key)
	{
		const std::size_t Before = Pairs.size();
		Pairs.erase(std::remove_if(Pairs.begin(), Pairs.end(), [&](const TPair<K, V>& Pair) { return Pair.Key == Key; }), Pairs.end());
		return static_cast<int32>(Before - Pairs.size());
	}
	void Empty() { Pairs.clear(); }
	auto begin() const { return Pairs.begin(); }
	auto end() const { return Pairs.end(); }

private:
	std::vector<TPair<K, V>> Pairs;
};

template <typename Signature>
class TUniqueFunction;

template <typename Ret, typename... Params>
class TUniqueFunction<Ret(Params...)>
{
public:
	TUniqueFunction() = default;
	template <typename F, typename = std::enable_if_t<!std::is_same_v<std::decay_t<F>, TUniqueFunction>>>
	TUniqueFunction(F&& Function) : Inner(std::make_unique<TInner<std::decay_t<F>>>(static_cast<F&&>(Function)))
	{
	}
	Ret operator()(Params... Args) const { return Inner->Call(static_cast<Params&&>(Args)...); }
	explicit operator bool() const { return Inner != nullptr; }

private:
	struct IInner
	{
		virtual ~IInner() = default;
		virtual Ret Call(Params... Args) = 0;
	};
	template <typename F>
	struct TInner : IInner
	{
		template <typename G>
		explicit TInner(G&& InFunction) : Function(static_cast<G&&>(InFunction))
		{
		}
		Ret Call(Params... Args) override { return Function(static_cast<Params&&>(Args)...); }
		F Function;
	};
	std::unique_ptr<IInner> Inner;
};

#include <functional>

// Dynamic delegates. StubListener is the tests' way in; Unreal binds UFUNCTIONs.
template <typename... Params>
class TStubDelegate
{
public:
	void Broadcast(Params... Args) const
	{
		if (StubListener)
		{
			StubListener(Args...);
		}
	}
	std::function<void(Params...)> StubListener;
};

#define DECLARE_DYNAMIC_MULTICAST_DELEGATE(Name) using Name = TStubDelegate<>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(Name, T1, N1) using Name = TStubDelegate<T1>
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(Name, T1, N1, T2, N2, T3, N3) using Name = TStubDelegate<T1, T2, T3>
