// The engine-free core: codec, jitter buffer and client, over libzmq.

using System.IO;
using UnrealBuildTool;

public class FaceRigCore : ModuleRules
{
	public FaceRigCore(ReadOnlyTargetRules Target) : base(Target)
	{
		// The core includes nothing of Unreal, and its files must not meet Unreal's macros (check, verify, TEXT).
		PCHUsage = PCHUsageMode.NoPCHs;
		bUseUnity = false;
		bEnableExceptions = false;
		bUseRTTI = false;

		PublicDependencyModuleNames.Add("Core"); // for the module's registration alone

		AddZeroMQ();
	}

	// libzmq is not part of the plugin. Where it is looked for, in this order:
	//   1. the folder in the environment variable FACERIG_ZMQ_ROOT
	//   2. Source/ThirdParty/libzmq of the plugin
	//   3. on Linux and Mac: /usr/local, /usr, /opt/homebrew
	// Each holds include/zmq.h and, below lib or bin, the library. README.md says how to get it.
	private void AddZeroMQ()
	{
		string Root = FindZeroMQ();
		if (Root == null)
		{
			throw new BuildException(
				"FaceRig: libzmq was not found. Set FACERIG_ZMQ_ROOT to a folder with include/zmq.h and lib/, or put " +
				"it into FaceRig/Source/ThirdParty/libzmq (see engine_bridges/unreal/README.md).");
		}
		PrivateIncludePaths.Add(Path.Combine(Root, "include"));

		string Library = FirstFile(Root, LibraryNames());
		if (Library == null)
		{
			throw new BuildException("FaceRig: " + Root + " has include/zmq.h but no library for " + Target.Platform);
		}
		PublicAdditionalLibraries.Add(Library);

		if (Target.Platform == UnrealTargetPlatform.Win64)
		{
			AddWindowsRuntime(Root, Library);
		}
		else if (!Library.EndsWith(".a"))
		{
			PublicRuntimeLibraryPaths.Add(Path.GetDirectoryName(Library));
			RuntimeDependencies.Add(Library);
		}
		else
		{
			PrivateDefinitions.Add("ZMQ_STATIC");
		}
	}

	private void AddWindowsRuntime(string Root, string Library)
	{
		string Dll = FirstFile(Root, new[] { "libzmq.dll", "libzmq-mt-*.dll", "libzmq-v*-mt-*.dll" });
		if (Dll == null) // a static library: it needs Windows' own sockets
		{
			PrivateDefinitions.Add("ZMQ_STATIC");
			PublicSystemLibraries.AddRange(new[] { "ws2_32.lib", "iphlpapi.lib", "advapi32.lib" });
			return;
		}
		string Name = Path.GetFileName(Dll);
		RuntimeDependencies.Add("$(TargetOutputDir)/" + Name, Dll); // beside the executable: Windows finds it there
	}

	private string[] LibraryNames()
	{
		if (Target.Platform == UnrealTargetPlatform.Win64)
		{
			return new[] { "libzmq.lib", "libzmq-mt-*.lib", "libzmq-v*-mt-*.lib" };
		}
		return Target.Platform == UnrealTargetPlatform.Mac
			? new[] { "libzmq.5.dylib", "libzmq.dylib", "libzmq.a" }
			: new[] { "libzmq.so.5", "libzmq.so", "libzmq.a" }; // a distribution's .a needs others and its own libstdc++
	}

	private string FindZeroMQ()
	{
		string[] Places =
		{
			System.Environment.GetEnvironmentVariable("FACERIG_ZMQ_ROOT"),
			Path.Combine(PluginDirectory, "Source", "ThirdParty", "libzmq"),
			Target.Platform == UnrealTargetPlatform.Win64 ? null : "/usr/local",
			Target.Platform == UnrealTargetPlatform.Win64 ? null : "/usr",
			Target.Platform == UnrealTargetPlatform.Mac ? "/opt/homebrew" : null,
		};
		foreach (string Place in Places)
		{
			if (!string.IsNullOrEmpty(Place) && File.Exists(Path.Combine(Place, "include", "zmq.h")))
			{
				return Path.GetFullPath(Place);
			}
		}
		return null;
	}

	private static string FirstFile(string Root, string[] Patterns)
	{
		string[] Folders = { "lib", "bin", Path.Combine("lib", "x86_64-linux-gnu"), "lib64" };
		foreach (string Pattern in Patterns)
		{
			foreach (string Folder in Folders)
			{
				string Place = Path.Combine(Root, Folder);
				if (!Directory.Exists(Place))
				{
					continue;
				}
				string[] Found = Directory.GetFiles(Place, Pattern);
				if (Found.Length > 0)
				{
					System.Array.Sort(Found);
					return Found[0];
				}
			}
		}
		return null;
	}
}
