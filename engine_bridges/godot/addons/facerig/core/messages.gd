## Messages of the protocol: what each may hold, and whether bytes are one. Total: any bytes give a message with
## all its fields, or null and `wrong`.

const Dialect = preload("../dialect.gd")
const Wire = preload("../wire.gd")
const Msgpack = preload("msgpack.gd")

const ANY = 9223372036854775807
const MOST = 1000000.0  # of numbers that are curves, metres, strengths
const AT = Wire.LIMIT_AT_MOST
const UNCHANGED = null

# field: [kind, least, most, if absent]; of text and bytes: shortest and longest. Three items: it must be there.
const SESSION = ["whole", Wire.LIMIT_SESSION_LEAST, Wire.LIMIT_SESSION_MOST]
const EPOCH = ["whole", 0, Wire.LIMIT_EPOCH_MOST]
const EPOCH_OR_0 = ["whole", 0, Wire.LIMIT_EPOCH_MOST, 0]
const SAMPLE = ["whole", 0, AT]
const SAMPLE_OR_0 = ["whole", 0, AT, 0]
const DATA = ["bytes", 0, Wire.LIMIT_DATA_LONGEST]
const TOKEN = ["token", 32, 32]
const SUBJECT = ["subject", Wire.LIMIT_SUBJECT_SHORTEST, Wire.LIMIT_SUBJECT_LONGEST]
const WORDS_OR_NONE = ["text", 0, ANY, ""]

const REQUESTS = {
	"open": {
		"version": ["whole", Wire.LIMIT_VERSION_LEAST, Wire.LIMIT_VERSION_MOST, Wire.ABSENT_OPEN_VERSION],
		"subject": SUBJECT,
		"sample_rate": ["whole", Wire.LIMIT_SAMPLE_RATE_LEAST, Wire.LIMIT_SAMPLE_RATE_MOST,
			Wire.ABSENT_OPEN_SAMPLE_RATE],
		"encoding": ["choice", Wire.CHOICE_ENCODING, 0, Wire.ABSENT_OPEN_ENCODING],
		"fps": ["text", 0, Wire.LIMIT_FPS_LONGEST, Wire.ABSENT_OPEN_FPS],
		"rig": ["rig", 1, Wire.LIMIT_RIG_LONGEST, Wire.ABSENT_OPEN_RIG],
		"pace": ["choice", Wire.CHOICE_PACE, 0, Wire.ABSENT_OPEN_PACE],
		"model": ["choice", Wire.CHOICE_MODEL, 0, Wire.ABSENT_OPEN_MODEL],
		"seed": ["whole", 0, ANY, 0],
		"mode": ["choice", Wire.CHOICE_MODE, 0, Wire.ABSENT_OPEN_MODE],
		"emotion": ["text", 0, Wire.LIMIT_EMOTION_LONGEST, ""],
		"alive": ["flag", 0, 0, true],
		"detail": ["choice", Wire.CHOICE_DETAIL, 0, Wire.ABSENT_OPEN_DETAIL],
	},
	"resume": {"token": TOKEN},
	"audio": {"session": SESSION, "epoch": EPOCH_OR_0, "at": SAMPLE, "data": DATA},
	"direct": {
		"session": SESSION,
		"at": ["whole", Wire.LIMIT_DIRECT_AT_LEAST, AT, Wire.ABSENT_DIRECT_AT],
		"emotion": ["text", 0, Wire.LIMIT_EMOTION_LONGEST, UNCHANGED],
		"gaze": ["gaze", 0, 0, UNCHANGED],
		"blink": ["flag", 0, 0, false],
		"mode": ["text", 0, ANY, UNCHANGED],
		"attitude": ["text", 0, ANY, UNCHANGED],
		"layers": ["layers", 0, Wire.LIMIT_LAYERS_MOST_ITEMS, UNCHANGED],
		"style": ["text", 0, Wire.LIMIT_STYLE_LONGEST, UNCHANGED],
		"transition_secs": ["number", Wire.LIMIT_TRANSITION_SECS_LEAST, Wire.LIMIT_TRANSITION_SECS_MOST, UNCHANGED],
		"detail": ["choice", Wire.CHOICE_DETAIL, 0, UNCHANGED],
	},
	"say": {
		"session": SESSION,
		"text": ["text", Wire.LIMIT_TEXT_SHORTEST, Wire.LIMIT_TEXT_LONGEST],
		"voice": ["text", 0, Wire.LIMIT_VOICE_LONGEST, ""],
	},
	"interrupt": {"session": SESSION},
	"flush": {"session": SESSION},
	"close": {"session": SESSION},
	"ping": {"number": ["whole", 0, Wire.LIMIT_NUMBER_MOST, 0]},
	"statistics": {},
}
const REPLIES = {
	"opened": {
		"session": SESSION,
		"token": TOKEN,
		"schema": ["schema", 0, 0],
		"epoch": EPOCH_OR_0,
		"received": SAMPLE_OR_0,
		"credit": ["whole", 0, ANY],
	},
	"progress": {
		"session": SESSION,
		"epoch": EPOCH_OR_0,
		"received": SAMPLE_OR_0,
		"animated": SAMPLE_OR_0,
		"credit": ["whole", -ANY, ANY, 0],
	},
	"spoken": {"session": SESSION, "epoch": EPOCH_OR_0, "at": SAMPLE, "data": DATA, "last": ["flag", 0, 0, false]},
	"interrupted": {"session": SESSION, "epoch": EPOCH, "at": SAMPLE},
	"closed": {"session": SESSION, "reason": ["text", 0, ANY, Wire.ABSENT_CLOSED_REASON]},
	"pong": {"number": ["whole", -ANY, ANY, 0], "clock_ns": ["whole", -ANY, ANY, 0]},
	"statistics": {"figures": ["figures", 0, ANY]},
	"error": {
		"code": ["text", 0, ANY],
		"what": ["text", 0, ANY],
		"where": WORDS_OR_NONE,
		"fix": WORDS_OR_NONE,
		"session": ["whole", -ANY, ANY, 0],
	},
}
const SCHEMAS = {
	"schema": {
		"subject": SUBJECT,
		"rig": ["text", 0, ANY],
		"fps": ["fps", 2, 2],
		"sample_rate": ["whole", 1, 1000000],
		"latency_samples": ["whole", 0, ANY],
		"curves": ["curves", 0, Wire.LIMIT_CURVES_MOST_ITEMS],
	},
}
const CURVE = {
	"name": ["text", 0, Wire.LIMIT_NAME_LONGEST],
	"low": ["number", -MOST, MOST, 0.0],
	"high": ["number", -MOST, MOST, Wire.ABSENT_CURVE_HIGH],
}

var wrong := ""  # why the last message was none

var _msgpack := Msgpack.new()


## A message out of `known` (REQUESTS, REPLIES, SCHEMAS) with all its fields, or null.
func read(bytes, known: Dictionary):
	wrong = ""
	if bytes.size() > Wire.LARGEST_MESSAGE + 4096:
		return _fail("a message of %d bytes" % bytes.size())
	if not _msgpack.unpacked(bytes):
		return _fail(_msgpack.wrong)
	return checked(_msgpack.value, known)


func packed(message: Dictionary):
	return _msgpack.packed(message)


## A message with all its fields, or null.
func checked(message, known: Dictionary):
	wrong = ""
	if typeof(message) != TYPE_DICTIONARY:
		return _fail("is no map")
	var tag = message.get("type")
	if not Dialect.is_text(tag) or not known.has(tag):
		return _fail("$.type is none that is known here")
	var out = _fields(message, known[tag], "$.")
	if out != null:
		out["type"] = tag
	return out


func _fields(message: Dictionary, rules: Dictionary, where: String):
	for name in message:
		if not rules.has(name) and not (name == "type" and where == "$."):
			return _fail("%s%s is no key" % [where, name])
	var out := {}
	for name in rules:
		var rule: Array = rules[name]
		if message.has(name):
			if message[name] == null and rule.size() == 4 and rule[3] == null:
				out[name] = null
				continue
			out[name] = _value(message[name], rule, where + name)
			if wrong != "":
				return null
		elif rule.size() == 4:
			out[name] = rule[3]
		else:
			return _fail("%s%s is missing" % [where, name])
	return out


func _value(value, rule: Array, where: String):
	var right := true
	match rule[0]:
		"whole":
			right = Dialect.is_whole(value) and value >= rule[1] and value <= rule[2]
		"number":
			right = Dialect.is_number(value) and value >= rule[1] and value <= rule[2]
		"text":
			right = Dialect.is_text(value) and value.length() >= rule[1] and value.length() <= rule[2]
		"subject", "rig", "token":
			right = (Dialect.is_text(value) and value.length() >= rule[1] and value.length() <= rule[2]
				and _is_written_as(rule[0], value))
		"bytes":
			right = Dialect.is_bytes(value) and value.size() <= rule[2]
		"flag":
			right = typeof(value) == TYPE_BOOL
		"choice":
			right = (Dialect.is_text(value) or Dialect.is_whole(value)) and _is_one_of(value, rule[1])
		_:
			return _made_of_others(value, rule, where)
	return value if right else _fail("%s is %s" % [where, _shown(value)])


func _made_of_others(value, rule: Array, where: String):
	match rule[0]:
		"schema":
			return _schema(value, where)
		"curves":
			return _curves(value, where)
		"fps":
			if typeof(value) == TYPE_ARRAY and value.size() == 2 and _all_between(value, 1, 1000000, true):
				return value
		"gaze":
			if Dialect.is_text(value):
				return _value(value, ["text", 0, Wire.LIMIT_GAZE_LONGEST], where)
			if typeof(value) == TYPE_ARRAY and value.size() == 3 and _all_between(value, -MOST, MOST, false):
				return value
		"layers", "figures":
			var most := MOST if rule[0] == "layers" else INF
			if (typeof(value) == TYPE_DICTIONARY and value.size() <= rule[2]
					and _all_between(value.values(), -most, most, false)):
				return value
	return _fail("%s is %s" % [where, _shown(value)])


func _schema(value, where: String):
	if typeof(value) != TYPE_DICTIONARY or _shown(value.get("type")) != "schema":
		return _fail(where + " is no schema")
	var body: Dictionary = value.duplicate()
	body.erase("type")
	var out = _fields(body, SCHEMAS["schema"], where + ".")
	if out != null:
		out["type"] = "schema"
	return out


func _curves(value, where: String):
	if typeof(value) != TYPE_ARRAY or value.size() > Wire.LIMIT_CURVES_MOST_ITEMS:
		return _fail(where + " is no list of curves")
	var out := []
	for i in range(value.size()):
		var one = value[i]
		if typeof(one) != TYPE_DICTIONARY:
			return _fail("%s[%d] is no curve" % [where, i])
		out.append(_fields(one, CURVE, "%s[%d]." % [where, i]))
		if wrong != "":
			return null
	return out


## The patterns of the wire (Wire.LIMIT_SUBJECT_PATTERN and so on) letter by letter: RegEx of some builds of
## Godot 3 writes an error to the console each time.
func _is_written_as(kind: String, text: String) -> bool:
	if kind == "subject":
		for i in range(text.length()):
			var letter := text.substr(i, 1)
			if letter < " " or letter == "\u007f" or letter in "/\\" or (i == 0 and letter in "=+@-"):
				return false
		return true
	var letters := "0123456789abcdef" if kind == "token" else "0123456789abcdefghijklmnopqrstuvwxyz_-"
	for i in range(text.length()):
		if not text.substr(i, 1) in letters:
			return false
	return kind == "token" or not text.substr(0, 1) in "_-"


func _is_one_of(value, choices: Array) -> bool:
	for one in choices:
		if typeof(one) == typeof(value) and one == value:
			return true
	return false


func _all_between(values: Array, least: float, most: float, whole: bool) -> bool:
	for one in values:
		if not (Dialect.is_whole(one) if whole else Dialect.is_number(one)) or one < least or one > most:
			return false
	return true


func _shown(value) -> String:
	return str(value).left(60) if Dialect.is_text(value) or Dialect.is_number(value) else "of another kind"


func _fail(why: String):
	if wrong == "":
		wrong = why
	return null
