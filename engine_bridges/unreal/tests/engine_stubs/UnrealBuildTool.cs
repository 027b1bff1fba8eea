// Stub of Unreal's build tool, for tests: see README.md beside it. What the plugin's Build.cs files use.

using System;
using System.Collections.Generic;

namespace UnrealBuildTool
{
	public class UnrealTargetPlatform
	{
		public static readonly UnrealTargetPlatform Win64 = new UnrealTargetPlatform();
		public static readonly UnrealTargetPlatform Mac = new UnrealTargetPlatform();
		public static readonly UnrealTargetPlatform Linux = new UnrealTargetPlatform();
	}

	public class ReadOnlyTargetRules
	{
		public UnrealTargetPlatform Platform = UnrealTargetPlatform.Linux;
	}

	public class BuildException : Exception
	{
		public BuildException(string Message) : base(Message) { }
	}

	public class RuntimeDependencyList
	{
		public readonly List<string> StubAll = new List<string>();
		public void Add(string InPath) { StubAll.Add(InPath); }
		public void Add(string InPath, string InSourcePath) { StubAll.Add(InPath + " from " + InSourcePath); }
	}

	public class ModuleRules
	{
		public enum PCHUsageMode { Default, NoSharedPCHs, UseSharedPCHs, UseExplicitOrSharedPCHs, NoPCHs }
		public ModuleRules(ReadOnlyTargetRules Target) { this.Target = Target; }
		protected readonly ReadOnlyTargetRules Target;
		public PCHUsageMode PCHUsage;
		public bool bUseUnity, bEnableExceptions, bUseRTTI;
		public string PluginDirectory { get { return Environment.GetEnvironmentVariable("STUB_PLUGIN"); } }
		public List<string> PublicDependencyModuleNames = new List<string>(), PrivateDependencyModuleNames = new List<string>();
		public List<string> PrivateIncludePaths = new List<string>(), PrivateDefinitions = new List<string>();
		public List<string> PublicAdditionalLibraries = new List<string>(), PublicSystemLibraries = new List<string>();
		public List<string> PublicRuntimeLibraryPaths = new List<string>();
		public RuntimeDependencyList RuntimeDependencies = new RuntimeDependencyList();
	}

	// The tests' way in: what the core would be linked with on a platform.
	public static class Stub
	{
		public static int Main(string[] Arguments)
		{
			var Target = new ReadOnlyTargetRules();
			Target.Platform = (UnrealTargetPlatform)typeof(UnrealTargetPlatform).GetField(Arguments[0]).GetValue(null);
			new global::FaceRig(Target);
			try
			{
				var Core = new global::FaceRigCore(Target);
				Console.WriteLine(string.Join("\n", Core.PublicAdditionalLibraries));
				Console.WriteLine(string.Join("\n", Core.RuntimeDependencies.StubAll));
				return 0;
			}
			catch (BuildException Problem)
			{
				Console.WriteLine(Problem.Message);
				return 1;
			}
		}
	}
}
