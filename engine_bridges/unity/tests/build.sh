#!/bin/sh
# Builds the test programs with Mono's compiler: sh build.sh PROGRAM.exe [engine]
# It knows C# up to 7.2; the package is for 7.3, which is what Unity 2018.3 and later speak.
# engine: those of the layer above the engine, with the stand-ins of engine_stubs for Unity.
set -e
cd "$(dirname "$0")"
package=../com.facerig.bridge
sources="$package/Runtime/Base/*.cs *.cs"
main=FaceRig.Tests.Program
if [ "$2" = engine ]; then
    sources="$sources $package/Runtime/Unity/*.cs $package/Editor/*.cs $package/Samples~/*/*.cs engine_stubs/*.cs engine/*.cs"
    main=FaceRig.Tests.EngineProgram
fi
# shellcheck disable=SC2086
exec mcs -langversion:7.2 -warnaserror -warn:4 -optimize+ -main:$main -out:"$1" $sources
