extends SceneTree
## The demo's scene, every button of it: it opens, and says what it is waiting for. demo.gd --

const Host = preload("host.gd")
const Stage = preload("../demo/stage.gd")

var _demo


func _init() -> void:
	var starter := Timer.new()
	starter.wait_time = 0.2
	starter.autostart = true
	Stage.listen(starter, "timeout", self, "_look")
	get_root().call_deferred("add_child", starter)


func _look() -> void:
	if _demo == null:
		_demo = Host.scene("res://demo/demo.tscn")
		get_root().add_child(_demo)
		return
	var said := [_demo._label.text]
	for method in ["_on_speak", "_on_stop", "_on_blink"]:
		_demo.call(method)
		said.append(_demo._label.text)
	_demo._on_mood(1)
	Host.say({"said": said, "mood": _demo.MOODS[1]})
	_demo.free()
	quit()
