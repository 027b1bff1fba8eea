@tool
extends EditorPlugin
## Nothing to set up: FaceRigFace and FaceRigMapping are known by their class names.
