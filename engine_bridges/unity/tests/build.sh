#!/bin/sh
# Builds the test programs with Mono's compiler: sh build.sh PROGRAM.exe
# It knows C# up to 7.2; the package is for 7.3, which is what Unity 2018.3 and later speak.
set -e
cd "$(dirname "$0")"
exec mcs -langversion:7.2 -warnaserror -warn:4 -optimize+ -out:"$1" ../com.facerig.bridge/Runtime/Base/*.cs ./*.cs
