#pragma once
#include <functional>
#include "CoreMinimal.h"
struct FGuid
{
	uint32 A = 0, B = 0, C = 0, D = 0;
	bool operator==(const FGuid& Other) const { return A == Other.A && B == Other.B && C == Other.C && D == Other.D; }
};
struct FLiveLinkSubjectName
{
	FName Name;
	FLiveLinkSubjectName(FName InName) : Name(InName) {}
};
struct FLiveLinkSubjectKey
{
	FGuid Source;
	FLiveLinkSubjectName SubjectName;
	FLiveLinkSubjectKey(const FGuid& InSource, FLiveLinkSubjectName InSubjectName) : Source(InSource), SubjectName(InSubjectName) {}
};
struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime() = default;
	FLiveLinkWorldTime(const double InTime) : Time(InTime) {}
	double GetOffsettedTime() const { return Time; }

private:
	double Time = 0.0;
};
struct UScriptStruct
{
	std::function<std::shared_ptr<void>()> StubMake;
};
#define STUB_STRUCT(Name)                                                        \
	static UScriptStruct* StaticStruct()                                         \
	{                                                                            \
		static UScriptStruct Struct{[] { return std::make_shared<Name>(); }};    \
		return &Struct;                                                          \
	}
struct FLiveLinkBaseStaticData
{
	TArray<FName> PropertyNames;
	STUB_STRUCT(FLiveLinkBaseStaticData)
};
struct FLiveLinkBaseFrameData
{
	FLiveLinkWorldTime WorldTime;
	TArray<float> PropertyValues;
	STUB_STRUCT(FLiveLinkBaseFrameData)
};
// Move only, as in Unreal.
template <typename BaseStruct>
class TStubDataStruct
{
public:
	TStubDataStruct() = default;
	TStubDataStruct(const UScriptStruct* InType) : Type(InType), Data(InType->StubMake()) {}
	TStubDataStruct(TStubDataStruct&&) = default;
	TStubDataStruct& operator=(TStubDataStruct&&) = default;
	template <typename T>
	T* Cast()
	{
		check(Type == T::StaticStruct());
		return static_cast<T*>(Data.get());
	}
	const UScriptStruct* GetStruct() const { return Type; }

private:
	const UScriptStruct* Type = nullptr;
	std::shared_ptr<void> Data;
};
class FLiveLinkStaticDataStruct : public TStubDataStruct<FLiveLinkBaseStaticData>
{
	using TStubDataStruct::TStubDataStruct;
};
class FLiveLinkFrameDataStruct : public TStubDataStruct<FLiveLinkBaseFrameData>
{
	using TStubDataStruct::TStubDataStruct;
};
