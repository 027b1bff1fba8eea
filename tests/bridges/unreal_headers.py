"""What Unreal's header tool does to a plugin's headers, as far as its C++ needs it to compile: X.generated.h
with the body of each class; and the types that Blueprints are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# what Blueprints know, of the engine's and of ours
PLAIN: Final = {"bool", "uint8", "int32", "int64", "float", "double", "FName", "FString", "FText", "FVector",
                "FRotator"}
OURS: Final = {"EFaceRigPace", "FFaceRigDirection"}
OBJECTS: Final = {"USoundWave", "USoundAttenuation", "UAudioComponent", "USkeletalMeshComponent",
                  "UFaceRigSoundWave", "USoundSubmix"}

_TYPE: Final = re.compile(
    r"^(UCLASS|USTRUCT)\([^\n]*\)\n"
    r"(?:class|struct) (?:\w+_API )?(?P<name>\w+)(?: : public (?P<base>\w+))?", re.MULTILINE)
_FUNCTION: Final = re.compile(r"UFUNCTION\((?P<how>[^\n]*)\)\n\s*(?P<declaration>[^;]+);")
_PROPERTY: Final = re.compile(r"UPROPERTY\((?P<how>[^\n]*)\)\n\s*(?P<declaration>[^;]+);")


@dataclass(frozen=True, slots=True)
class Reflected:
    """A type that Unreal reflects: `body` is the line of its GENERATED_BODY."""

    name: str
    base: str
    struct: bool
    body: int


def reflected(text: str) -> list[Reflected]:
    """The reflected types of a header, in their order."""
    found = []
    for match in _TYPE.finditer(text):
        body = text.index("GENERATED_BODY()", match.end())
        found.append(Reflected(match["name"], match["base"] or "", match[1] == "USTRUCT",
                               text.count("\n", 0, body) + 1))
    return found


def generated(header: Path) -> str:
    """The text of `X.generated.h` of a header X.h."""
    ident = f"FID_{header.stem}_h"
    lines = ["#pragma once", '#include "StubObjects.h"']
    for one in reflected(header.read_text(encoding="utf-8")):
        body = "" if one.struct else (
            f"public: using Super = {one.base}; using ThisClass = {one.name}; "
            f"static UClass* StaticClass() {{ static UClass Class{{Super::StaticClass()}}; return &Class; }} "
            f"virtual UClass* GetClass() const override {{ return StaticClass(); }} private:")
        lines.append(f"#define {ident}_{one.body}_GENERATED_BODY {body}")
    return "\n".join([*lines, "#undef CURRENT_FILE_ID", f"#define CURRENT_FILE_ID {ident}", ""])


def write_generated(headers: list[Path], folder: Path) -> None:
    """X.generated.h of all headers that include one."""
    for header in headers:
        if f'#include "{header.stem}.generated.h"' in header.read_text(encoding="utf-8"):
            (folder / f"{header.stem}.generated.h").write_text(generated(header), encoding="utf-8")


def shown_to_blueprints(text: str) -> list[str]:
    """The types of functions and properties that a header shows to Blueprints, one each time it occurs."""
    types: list[str] = []
    for match in _FUNCTION.finditer(text):
        declaration = " ".join(match["declaration"].split())
        head, _, parameters = declaration.partition("(")
        types.append(head.removeprefix("static ").removeprefix("virtual ").rpartition(" ")[0])
        inside = parameters.rpartition(")")[0]
        types += [_type_of(one) for one in _split(inside)]
    for match in _PROPERTY.finditer(text):
        types.append(_type_of(" ".join(match["declaration"].split())))
    return types


def shadowing(text: str) -> list[str]:
    """Parameters of functions that are named as a property: the header tool refuses them."""
    properties = {_name_of(match["declaration"]) for match in _PROPERTY.finditer(text)}
    parameters = [_name_of(one) for match in _FUNCTION.finditer(text)
                  for one in _split(match["declaration"].partition("(")[2].rpartition(")")[0])]
    return [name for name in parameters if name in properties]


def is_legal(kind: str) -> bool:
    """Whether Blueprints, and properties, can have a type."""
    kind = kind.strip().removeprefix("const ").removesuffix("&").strip()
    if kind in PLAIN | OURS or kind == "void" or kind.startswith("FFaceRig"):
        return True
    if kind.endswith("*"):
        return kind[:-1].strip() in OBJECTS
    match = re.fullmatch(r"(TArray|TMap|TObjectPtr)<(.+)>", kind)
    if match is None:
        return False
    inner = _split(match[2])
    if match[1] == "TObjectPtr":
        return inner[0] in OBJECTS
    return len(inner) == (2 if match[1] == "TMap" else 1) and all(one in PLAIN | OURS for one in inner)


def _type_of(declaration: str) -> str:
    """Of `const FString& Text = "x"`: the type."""
    return declaration.partition("=")[0].strip().rpartition(" ")[0]


def _name_of(declaration: str) -> str:
    """Of `const FString& Text = "x"`: the name."""
    return declaration.partition("=")[0].split()[-1]


def _split(parameters: str) -> list[str]:
    """At the commas outside of brackets."""
    parts, depth = [""], 0
    for character in parameters:
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]
