// The plugin as Unreal sees it: component, Live Link source, settings.

using UnrealBuildTool;

public class FaceRig : ModuleRules
{
	public FaceRig(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		bUseUnity = false; // files under Private/Sound are free of the engine and have names of their own

		PublicDependencyModuleNames.AddRange(new[]
		{
			"Core",
			"CoreUObject",
			"Engine",
			"DeveloperSettings",
			"LiveLinkInterface", // the interfaces; the plugin LiveLink brings the client
		});

		PrivateDependencyModuleNames.AddRange(new[]
		{
			"FaceRigCore",
			"AudioExtensions", // sound waves as the decoder takes them
			"SignalProcessing", // its aligned buffers
		});
	}
}
