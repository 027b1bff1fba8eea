#pragma once
#include "CoreMinimal.h"
class IModuleInterface
{
public:
	virtual ~IModuleInterface() = default;
	virtual void StartupModule() {}
	virtual void ShutdownModule() {}
};
class FDefaultModuleImpl : public IModuleInterface
{
};
class FModuleManager
{
public:
	template <typename T>
	static T& LoadModuleChecked(const FName& ModuleName)
	{
		static_assert(std::is_base_of_v<IModuleInterface, T>);
		(void)ModuleName;
		static T Module;
		return Module;
	}
};
#define IMPLEMENT_MODULE(ModuleImplClass, ModuleName) \
	static_assert(std::is_base_of_v<IModuleInterface, ModuleImplClass>, #ModuleName " is no module");
