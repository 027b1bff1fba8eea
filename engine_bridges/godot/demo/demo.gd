extends Node
## A face that says `demo/line.wav`. Start `facerig serve` first.

const Cartoon = preload("cartoon.gd")
const Stage = preload("stage.gd")
const Wav = preload("wav.gd")
const FaceRigFace = preload("../addons/facerig/facerig_face.gd")

const LINE = "res://demo/line.wav"
const MOODS = ["calm", "joy:0.8", "anger:0.7", "sadness:0.7", "fear:0.6"]

var face
var _label := Label.new()


func _ready() -> void:
	var head := Stage.place(Vector3(0, 0, 0))
	head.name = "Anna"
	add_child(head)
	head.add_child(Cartoon.made())
	add_child(Stage.camera(Vector3(0, 0, 0.4)))
	face = FaceRigFace.new()
	face.head = NodePath("..")  # the node that the cartoon hangs on
	Stage.listen(face, "connected", self, "_on_connected")
	Stage.listen(face, "disconnected", self, "_on_disconnected")
	Stage.listen(face, "error", self, "_on_error")
	head.add_child(face)
	_add_buttons()
	_tell("looking for facerig serve at %s:%d ..." % [face.host, face.control_port])


func _add_buttons() -> void:
	var box := VBoxContainer.new()
	add_child(box)
	box.add_child(_label)
	_add_button(box, "Speak", "_on_speak")
	_add_button(box, "Stop", "_on_stop")
	_add_button(box, "Blink", "_on_blink")
	var moods := OptionButton.new()
	for mood in MOODS:
		moods.add_item(mood)
	Stage.listen(moods, "item_selected", self, "_on_mood")
	box.add_child(moods)


func _add_button(box: Node, text: String, method: String) -> void:
	var button := Button.new()
	button.text = text
	Stage.listen(button, "pressed", self, method)
	box.add_child(button)


func _on_connected() -> void:
	_tell("connected")


func _on_disconnected(reason) -> void:
	_tell("disconnected: %s" % reason)


func _on_error(what, where, fix) -> void:
	_tell("%s (%s): %s" % [what, where, fix])


func _on_speak() -> void:
	var line = Wav.read(LINE)
	if line == null:
		_tell("%s: put a 16-bit WAV file there" % LINE)
	elif face.speak(line):
		_tell("speaking")


func _on_stop() -> void:
	face.stop()


func _on_blink() -> void:
	face.blink()


func _on_mood(which: int) -> void:
	face.feel("" if which == 0 else MOODS[which])


func _tell(text: String) -> void:
	_label.text = text
