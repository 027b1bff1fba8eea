#!/bin/sh
# Builds the test programs with Mono's compiler: sh build.sh PROGRAM.exe [engine | assemblies]
# It knows C# up to 7.2; the package is for 7.3, which is what Unity 2018.3 and later speak.
#   engine      those of the layer above the engine, with the stand-ins of engine_stubs for Unity
#   assemblies  no program: the package as Unity builds it, an assembly for each .asmdef, in the folder PROGRAM
# DEFINE may hold more options: -define:UNITY_2023_1_OR_NEWER
set -e
cd "$(dirname "$0")"
package=../com.facerig.bridge
compile="mcs -langversion:7.2 -warnaserror -warn:4 -optimize+ $DEFINE"
# shellcheck disable=SC2086
case "$2" in
assemblies)
    mkdir -p "$1"
    $compile -target:library -out:"$1/FaceRig.Base.dll" $package/Runtime/Base/*.cs
    $compile -target:library -out:"$1/UnityEngine.dll" engine_stubs/*.cs
    $compile -target:library -lib:"$1" -r:FaceRig.Base.dll -r:UnityEngine.dll -out:"$1/FaceRig.Unity.dll" $package/Runtime/Unity/*.cs
    $compile -target:library -lib:"$1" -r:FaceRig.Base.dll -r:UnityEngine.dll -r:FaceRig.Unity.dll \
        -out:"$1/FaceRig.Unity.Editor.dll" $package/Editor/*.cs
    $compile -target:library -lib:"$1" -r:FaceRig.Base.dll -r:UnityEngine.dll -r:FaceRig.Unity.dll \
        -out:"$1/Samples.dll" $package/Samples~/*/*.cs
    ;;
engine)
    $compile -main:FaceRig.Tests.EngineProgram -out:"$1" $package/Runtime/Base/*.cs ./*.cs $package/Runtime/Unity/*.cs \
        engine_stubs/*.cs engine/*.cs
    ;;
*)
    $compile -main:FaceRig.Tests.Program -out:"$1" $package/Runtime/Base/*.cs ./*.cs
    ;;
esac
