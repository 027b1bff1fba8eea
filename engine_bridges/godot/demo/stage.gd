## What the demo and the tests build of nodes, in Godot 4's words.


## A node with a mesh of blend shapes: `points` and `shapes` (name -> points that have moved) of Vector3.
static func face_of(points: Array, triangles: Array, colours: Array, shapes: Dictionary) -> MeshInstance3D:
	var mesh := ArrayMesh.new()
	mesh.blend_shape_mode = Mesh.BLEND_SHAPE_MODE_NORMALIZED
	var moved: Array[Array] = []
	for name in shapes:
		mesh.add_blend_shape(name)
		moved.append(_arrays(shapes[name]))
	var arrays := _arrays(points)
	arrays[Mesh.ARRAY_COLOR] = PackedColorArray(colours)
	arrays[Mesh.ARRAY_INDEX] = PackedInt32Array(triangles)
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays, moved)
	var material := StandardMaterial3D.new()
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	material.vertex_color_use_as_albedo = true
	material.cull_mode = BaseMaterial3D.CULL_DISABLED
	mesh.surface_set_material(0, material)
	var made := MeshInstance3D.new()
	made.mesh = mesh
	return made


static func _arrays(points: Array) -> Array:
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	var normals := PackedVector3Array()
	normals.resize(points.size())
	normals.fill(Vector3(0, 0, 1))
	arrays[Mesh.ARRAY_VERTEX] = PackedVector3Array(points)
	arrays[Mesh.ARRAY_NORMAL] = normals
	return arrays


static func place(at: Vector3) -> Node3D:
	var made := Node3D.new()
	made.position = at
	return made


static func camera(at: Vector3) -> Camera3D:
	var made := Camera3D.new()
	made.position = at
	made.current = true
	return made


static func listen(from: Object, signal_name: String, to: Object, method: String) -> void:
	from.connect(signal_name, Callable(to, method))


static func bytes_of(path: String):
	return FileAccess.get_file_as_bytes(path)


## A chain of bones, each of them at rest in a turn of its own.
static func skeleton(names: Array) -> Skeleton3D:
	var made := Skeleton3D.new()
	for i in names.size():
		made.add_bone(names[i])
		made.set_bone_parent(i, i - 1)
		made.set_bone_rest(i, Transform3D(Basis.from_euler(Vector3(0.4, 0.2 * i, -0.3)), Vector3(0, 0.1, 0)))
	made.reset_bone_poses()
	return made


## How far a bone has turned from its rest, around the axes of the skeleton.
static func bone_turn(made: Skeleton3D, bone: int) -> Basis:
	var rest := Basis.IDENTITY
	var posed := Basis.IDENTITY
	while bone >= 0:
		rest = made.get_bone_rest(bone).basis * rest
		posed = made.get_bone_pose(bone).basis * posed
		bone = made.get_bone_parent(bone)
	return posed * rest.inverse()
