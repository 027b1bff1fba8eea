// Stub: numbers and texts.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

using int8 = std::int8_t;
using int16 = std::int16_t;
using int32 = std::int32_t;
using int64 = std::int64_t;
using uint8 = std::uint8_t;
using uint16 = std::uint16_t;
using uint32 = std::uint32_t;
using uint64 = std::uint64_t;
using TCHAR = char16_t;

#define TEXT_PASTE(x) u##x
#define TEXT(x) TEXT_PASTE(x)
#define INDEX_NONE (-1)
#define FORCEINLINE inline
#define check(expression)                                                                  \
	do                                                                                     \
	{                                                                                      \
		if (!(expression))                                                                 \
		{                                                                                  \
			std::fprintf(stderr, "%s:%d: check(%s)\n", __FILE__, __LINE__, #expression);   \
			std::abort();                                                                  \
		}                                                                                  \
	} while (false)

template <typename T>
constexpr std::remove_reference_t<T>&& MoveTemp(T&& Value)
{
	static_assert(std::is_lvalue_reference_v<T>, "MoveTemp called on an rvalue");
	static_assert(!std::is_const_v<std::remove_reference_t<T>>, "MoveTemp called on a const object");
	return static_cast<std::remove_reference_t<T>&&>(Value);
}

template <typename T, typename A>
class TArray;

struct FDefaultAllocator
{
};

// Between UTF-8 and UTF-16, for texts without surrogates.
inline std::string StubToUtf8(const char16_t* Text)
{
	std::string Out;
	for (; *Text != 0; ++Text)
	{
		const unsigned Code = *Text;
		if (Code < 0x80)
		{
			Out += static_cast<char>(Code);
		}
		else if (Code < 0x800)
		{
			Out += static_cast<char>(0xC0 | (Code >> 6));
			Out += static_cast<char>(0x80 | (Code & 0x3F));
		}
		else
		{
			Out += static_cast<char>(0xE0 | (Code >> 12));
			Out += static_cast<char>(0x80 | ((Code >> 6) & 0x3F));
			Out += static_cast<char>(0x80 | (Code & 0x3F));
		}
	}
	return Out;
}

inline std::u16string StubToUtf16(const char* Text)
{
	std::u16string Out;
	const auto* At = reinterpret_cast<const unsigned char*>(Text);
	while (*At != 0)
	{
		const unsigned First = *At++;
		const int More = First < 0x80 ? 0 : First < 0xE0 ? 1 : 2;
		unsigned Code = More == 0 ? First : More == 1 ? First & 0x1F : First & 0x0F;
		for (int Byte = 0; Byte < More && *At != 0; ++Byte)
		{
			Code = (Code << 6) | (*At++ & 0x3F);
		}
		Out += static_cast<char16_t>(Code);
	}
	return Out;
}

#define TCHAR_TO_UTF8(Text) (StubToUtf8(Text).c_str())
#define UTF8_TO_TCHAR(Text) (StubToUtf16(Text).c_str())

struct FChar
{
	static TCHAR ToUpper(TCHAR Char) { return Char >= u'a' && Char <= u'z' ? static_cast<TCHAR>(Char - 32) : Char; }
	static TCHAR ToLower(TCHAR Char) { return Char >= u'A' && Char <= u'Z' ? static_cast<TCHAR>(Char + 32) : Char; }
};

struct FCString
{
	static int32 Atoi(const TCHAR* Text) { return std::atoi(StubToUtf8(Text).c_str()); }
};

class FString
{
public:
	FString() = default;
	FString(const TCHAR* InText) : Text(InText) {}

	const TCHAR* operator*() const { return Text.c_str(); }
	TCHAR& operator[](int32 At) { return Text[static_cast<std::size_t>(At)]; }
	bool IsEmpty() const { return Text.empty(); }
	int32 Len() const { return static_cast<int32>(Text.size()); }
	bool operator==(const FString& Other) const { return Text == Other.Text; }
	bool operator!=(const FString& Other) const { return Text != Other.Text; }
	FString operator+(const FString& Other) const { return FString((Text + Other.Text).c_str()); }

	bool Split(const FString& InS, FString* LeftS, FString* RightS) const
	{
		const std::size_t At = Text.find(InS.Text);
		if (At == std::u16string::npos)
		{
			return false;
		}
		*LeftS = FString(Text.substr(0, At).c_str());
		*RightS = FString(Text.substr(At + InS.Text.size()).c_str());
		return true;
	}

	template <typename A>
	int32 ParseIntoArray(TArray<FString, A>& OutArray, const TCHAR* Delim, bool InCullEmpty = true) const
	{
		std::u16string Rest = Text;
		const std::u16string Between = Delim;
		for (;;)
		{
			const std::size_t At = Rest.find(Between);
			const std::u16string Part = Rest.substr(0, At);
			if (!Part.empty() || !InCullEmpty)
			{
				OutArray.Add(FString(Part.c_str()));
			}
			if (At == std::u16string::npos)
			{
				return OutArray.Num();
			}
			Rest = Rest.substr(At + Between.size());
		}
	}

	// %s takes TCHARs, as in Unreal.
	template <typename... Types>
	static FString Printf(const TCHAR* Format, Types... Args)
	{
		std::u16string Out, Rest = Format;
		(void)std::initializer_list<int>{(Next(Out, Rest, Args), 0)...};
		return FString((Out + Rest).c_str());
	}

private:
	template <typename T>
	static void Next(std::u16string& Out, std::u16string& Rest, T Value)
	{
		const std::size_t At = Rest.find(u'%');
		check(At != std::u16string::npos && At + 1 < Rest.size());
		Out += Rest.substr(0, At);
		if constexpr (std::is_same_v<T, const TCHAR*>)
		{
			check(Rest[At + 1] == u's');
			Out += Value;
		}
		else
		{
			static_assert(std::is_arithmetic_v<T>, "only numbers and TCHAR* are formatted");
			check(Rest[At + 1] == (std::is_integral_v<T> ? u'd' : u'f'));
			Out += StubToUtf16(std::to_string(Value).c_str());
		}
		Rest = Rest.substr(At + 2);
	}

	std::u16string Text;
};

// Compared without regard to case, as in Unreal.
class FName
{
public:
	FName() = default;
	FName(const TCHAR* Name) : Text(Name) {}

	FString ToString() const { return IsNone() ? FString(TEXT("None")) : FString(Text.c_str()); }
	bool IsNone() const { return Text.empty(); }
	bool operator==(const FName& Other) const { return Folded() == Other.Folded(); }
	bool operator!=(const FName& Other) const { return !(*this == Other); }

private:
	std::u16string Folded() const
	{
		std::u16string Out = Text;
		for (TCHAR& Char : Out)
		{
			Char = FChar::ToLower(Char);
		}
		return Out;
	}

	std::u16string Text;
};

class FText
{
public:
	static FText FromString(const FString& String)
	{
		FText Out;
		Out.Text = String;
		return Out;
	}
	const FString& ToString() const { return Text; }

private:
	FString Text;
};

#define LOCTEXT(Key, Literal) FText::FromString(FString(TEXT(Literal)))

struct FMath
{
	template <typename T>
	static constexpr T Max(const T A, const T B)
	{
		return A < B ? B : A;
	}
	template <typename T>
	static constexpr T Min(const T A, const T B)
	{
		return B < A ? B : A;
	}
	static int32 RoundToInt32(float F) { return static_cast<int32>(std::floor(F + 0.5F)); }
};

struct FVector
{
	double X = 0.0, Y = 0.0, Z = 0.0;

	FVector() = default;
	FVector(double InX, double InY, double InZ) : X(InX), Y(InY), Z(InZ) {}
	FVector operator-(const FVector& V) const { return {X - V.X, Y - V.Y, Z - V.Z}; }
	FVector operator/(double Scale) const { return {X / Scale, Y / Scale, Z / Scale}; }
};

// Degrees. Only yaw turns here.
struct FRotator
{
	double Pitch = 0.0, Yaw = 0.0, Roll = 0.0;

	FVector UnrotateVector(const FVector& V) const
	{
		const double Angle = Yaw * 3.14159265358979323846 / 180.0;
		return {std::cos(Angle) * V.X + std::sin(Angle) * V.Y, std::cos(Angle) * V.Y - std::sin(Angle) * V.X, V.Z};
	}
};

#define DECLARE_LOG_CATEGORY_EXTERN(Category, Default, CompileTime) \
	struct FStubLog##Category                                       \
	{                                                               \
	};                                                              \
	extern FStubLog##Category Category
#define DEFINE_LOG_CATEGORY(Category) FStubLog##Category Category

enum class EStubVerbosity
{
	Error,
	Warning,
	Log,
	Verbose
};

#define UE_LOG(Category, Verbosity, Format, ...)                                                      \
	((void)Category, (void)EStubVerbosity::Verbosity,                                                  \
		std::fprintf(stderr, "%s: %s\n", #Category, StubToUtf8(*FString::Printf(Format, ##__VA_ARGS__)).c_str()))
