class_name FaceRigFace
extends "res://addons/facerig/core/face_node.gd"
## A face that speaks: what a character says goes to facerig's live service, and its blend shapes, head and eyes move
## with the sound that is heard.
##
## Put it into a character's scene, start `facerig serve`, and call `speak`. It works after animations: with `strength`
## below 1, or `add_to_animation`, an AnimationTree and the face share the same shapes. Curves can be read as
## properties too: face.get("curves/jawOpen"). What it can do is in core/face_node.gd.

const Mapping = preload("facerig_mapping.gd")

@export_group("Service")
## Where facerig serves. By number: names are looked up while the game waits. The connection is not encrypted: stay on
## this machine, or in a network that you trust with `facerig serve --insecure`.
@export var host := "127.0.0.1"
@export var control_port := 15680
@export var curves_port := 15681
## Connect as soon as the scene runs.
@export var connect_on_ready := true

@export_group("Character")
## Its name at the service; the parent's name if empty.
@export var subject := ""
## Whose curves come. livelink: ARKit's 52 and turns of head and eyes.
@export_enum("livelink", "arkit", "vrm", "oculus", "metahuman", "mmd") var rig := "livelink"
@export var fps := "60"
## burst: faces come ahead of the sound, for lines. realtime: with it.
@export_enum("burst", "realtime") var pace := "burst"
## Look-ahead: 80 ms (live) or 30 ms.
@export_enum("live", "live-40") var model := "live"
## Of its chance: blinks and glances differ.
@export var character_seed := 0
## joy:0.6, a mixture, or plain words.
@export var emotion := ""
## It blinks and looks about in silence.
@export var alive := true
## Every so many frames come: 2 or 4 for characters that are far away.
@export_enum("1:1", "2:2", "4:4") var detail := 1
## Of its sound, Hz. 0: that of the player's stream, else of the mixer. Lines at another rate are converted.
@export var sample_rate := 0

@export_group("Mesh")
## Meshes with blend shapes. None: all below the parent.
@export var meshes: Array[NodePath] = []
## Which shapes show a curve, where names alone do not tell.
@export var mapping: Mapping
## How much of the face is facerig's; the rest is left to animations.
@export_range(0.0, 1.0) var strength := 1.0
## Add to what animations give the same shapes, in place of fading them out.
@export var add_to_animation := false

@export_group("Head and eyes")
@export_range(0.0, 2.0) var head_strength := 1.0
## A Node3D, or a Skeleton3D with a bone.
@export var head: NodePath
@export var head_bone := ""
@export var left_eye: NodePath
@export var left_eye_bone := ""
@export var right_eye: NodePath
@export var right_eye_bone := ""
## The model looks along -z (glTF and VRM look along +z).
@export var faces_back := false

@export_group("Voice")
## AudioStreamPlayer, -2D or -3D; one is made if it is empty.
@export var player: NodePath
## So long a line waits for its first face; then it plays without.
@export_range(0.0, 5.0) var wait_secs := 0.5
## So much of a line's face should be there before it plays: more for a service that is far away or busy.
@export_range(0.0, 5.0) var lead_secs := 0.1
