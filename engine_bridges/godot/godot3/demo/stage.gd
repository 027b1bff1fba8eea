# What the demo and the tests build of nodes, in Godot 3's words.


# A node with a mesh of blend shapes: `points` and `shapes` (name -> points that have moved) of Vector3.
static func face_of(points: Array, triangles: Array, colours: Array, shapes: Dictionary) -> MeshInstance:
	var mesh := ArrayMesh.new()
	mesh.blend_shape_mode = Mesh.BLEND_SHAPE_MODE_NORMALIZED
	var moved := []
	var arrays := _arrays(points, colours)
	for name in shapes:
		mesh.add_blend_shape(name)
		moved.append(_arrays(shapes[name], colours))
	arrays[Mesh.ARRAY_INDEX] = PoolIntArray(triangles)
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays, moved)
	var material := SpatialMaterial.new()
	material.flags_unshaded = true
	material.vertex_color_use_as_albedo = true
	material.params_cull_mode = SpatialMaterial.CULL_DISABLED
	mesh.surface_set_material(0, material)
	var made := MeshInstance.new()
	made.mesh = mesh
	return made


static func _arrays(points: Array, colours: Array) -> Array:
	var arrays := []
	arrays.resize(Mesh.ARRAY_MAX)
	var normals := PoolVector3Array()
	for _one in points:
		normals.append(Vector3(0, 0, 1))
	arrays[Mesh.ARRAY_VERTEX] = PoolVector3Array(points)
	arrays[Mesh.ARRAY_NORMAL] = normals
	arrays[Mesh.ARRAY_COLOR] = PoolColorArray(colours)
	return arrays


static func place(at: Vector3) -> Spatial:
	var made := Spatial.new()
	made.translation = at
	return made


static func camera(at: Vector3) -> Camera:
	var made := Camera.new()
	made.translation = at
	made.current = true
	return made


static func listen(from: Object, signal_name: String, to: Object, method: String) -> void:
	from.connect(signal_name, to, method)


static func bytes_of(path: String):
	var file := File.new()
	return file.get_buffer(file.get_len()) if file.open(path, File.READ) == OK else PoolByteArray()


# A chain of bones, each of them at rest in a turn of its own.
static func skeleton(names: Array) -> Skeleton:
	var made := Skeleton.new()
	for i in range(names.size()):
		made.add_bone(names[i])
		made.set_bone_parent(i, i - 1)
		made.set_bone_rest(i, Transform(Basis(Vector3(0.4, 0.2 * i, -0.3)), Vector3(0, 0.1, 0)))
	return made


# How far a bone has turned from its rest, around the axes of the skeleton.
static func bone_turn(made: Skeleton, bone: int) -> Basis:
	var rest := Basis()
	var posed := Basis()
	while bone >= 0:
		rest = made.get_bone_rest(bone).basis * rest
		posed = made.get_bone_rest(bone).basis * made.get_bone_pose(bone).basis * posed
		bone = made.get_bone_parent(bone)
	return posed * rest.inverse()
