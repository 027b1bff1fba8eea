## One ZeroMQ connection as a client has it: ZMTP 3.0 over TCP, the NULL mechanism, a DEALER or a SUB.
##
##     var one = Zmtp.new("DEALER", ["ROUTER"])
##     one.open("127.0.0.1", 15680)
##     ...
##     one.turn(now_ns)              # once a picture; never waits
##     if one.ready: one.send([bytes])
##     while not one.received.empty(): var parts = one.received.pop_front()
##
## https://rfc.zeromq.org/spec/23. Any bytes are safe: what is no ZMTP ends the connection, and `why` says so. What
## waits to be sent and what is received in a turn are bounded. After a loss, make another.

const Dialect = preload("../dialect.gd")

const NS_PER_SEC = 1000000000
const HANDSHAKE_NS = 5 * NS_PER_SEC  # for TCP and the greeting
const HEARTBEAT_NS = 1 * NS_PER_SEC  # without a byte; then a PING asks
const SILENCE_NS = 3 * NS_PER_SEC    # without a byte: nobody is there
const HEARTBEAT_TTL_TENTHS = 0       # how soon the other side shall give us up: as it likes, for a game that loads
                                     # a level may say nothing for many seconds
const LARGEST_MESSAGE = 2 << 20      # bytes; the service sends half of it at most
const MOST_PARTS = 8                 # of a message; the protocol has two
const MOST_UNSENT = 8 << 20          # bytes; a second of sound is 0.2 MB
const MOST_A_TURN = 2 << 20          # bytes taken before others get their turn

const MORE = 1
const LONG = 2
const COMMAND = 4

const GREETING_BYTES = 64

enum { CONNECTING, GREETING, HANDSHAKE, TALKING, LOST }

var ready := false   # both sides have greeted
var lost := false    # it is over
var why := ""        # it is over
var received := []   # messages, each a list of parts (bytes)
var sent_bytes := 0
var received_bytes := 0

var _kind := ""
var _peers := []
var _peer := StreamPeerTCP.new()
var _state := CONNECTING
var _in = Dialect.no_bytes()
var _at := 0           # of `_in`, that was read
var _out = Dialect.no_bytes()
var _parts := []       # of a message of which more is to come
var _parts_bytes := 0
var _began_ns := 0
var _heard_ns := 0
var _asked_ns := 0


## kind: DEALER or SUB; peers: what the other side may be.
func _init(kind: String, peers: Array) -> void:
	_kind = kind
	_peers = peers


## Begin to connect. A host by number: looking a name up may take Godot a moment.
func open(host: String, port: int, now_ns: int) -> void:
	_began_ns = now_ns
	if _peer.connect_to_host(host, port) != OK:
		_end("%s:%d is no address" % [host, port])


func close() -> void:
	_peer.disconnect_from_host()
	_end("closed")


## False if nobody reads: too much waits already.
func send(parts: Array) -> bool:
	if lost or _out.size() > MOST_UNSENT:
		return false
	for i in range(parts.size()):
		_put(MORE if i + 1 < parts.size() else 0, parts[i])
	return true


func subscribe(topic) -> void:
	_subscription(1, topic)


func unsubscribe(topic) -> void:
	_subscription(0, topic)


## Take what came, send what waits.
func turn(now_ns: int) -> void:
	if lost:
		return
	Dialect.turn(_peer)
	var status: int = _peer.get_status()
	if _state == CONNECTING:
		if status == StreamPeerTCP.STATUS_CONNECTED:
			_peer.set_no_delay(true)
			greet(now_ns)
		elif status != StreamPeerTCP.STATUS_CONNECTING:
			_end("nobody answers")
	_take(now_ns)
	if not lost and _state != CONNECTING and status != StreamPeerTCP.STATUS_CONNECTED:
		_end("the other side has gone")
	_watch(now_ns)
	give()


# --- bytes

func _take(now_ns: int) -> void:
	if _state == CONNECTING or lost or _peer.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		return
	var taken := 0
	while taken < MOST_A_TURN and not lost:
		var there: int = _peer.get_available_bytes()
		if there <= 0:
			break
		var got: Array = _peer.get_partial_data(there)
		if got[0] != OK or got[1].size() == 0:
			break
		taken += got[1].size()
		hear(got[1], now_ns)


## Bytes of the other side.
func hear(bytes, now_ns: int) -> void:
	received_bytes += bytes.size()
	_heard_ns = now_ns
	_asked_ns = 0
	_in.append_array(bytes)
	_read()


func give() -> void:
	if lost or _state == CONNECTING or _out.size() == 0 or _peer.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		return
	var done: Array = _peer.put_partial_data(_out)
	if done[0] != OK:
		_end("the other side has gone")
	elif done[1] > 0:
		sent_bytes += done[1]
		_out = Dialect.part(_out, done[1], _out.size() - done[1])


func _watch(now_ns: int) -> void:
	if lost:
		return
	if not ready:
		if now_ns - _began_ns > HANDSHAKE_NS:
			_end("nobody answers")
	elif now_ns - _heard_ns > SILENCE_NS and _asked_ns > 0 and now_ns - _asked_ns > SILENCE_NS - HEARTBEAT_NS:
		_end("the other side is silent")
	elif now_ns - _heard_ns > HEARTBEAT_NS and _asked_ns == 0:
		_asked_ns = now_ns
		_put_command("PING", [HEARTBEAT_TTL_TENTHS >> 8, HEARTBEAT_TTL_TENTHS & 255])


# --- the greeting

## TCP stands: both sides say who they are.
func greet(now_ns: int) -> void:
	_state = GREETING
	_heard_ns = now_ns
	var greeting = Dialect.zero_bytes(GREETING_BYTES)
	greeting[0] = 0xff
	greeting[9] = 0x7f
	greeting[10] = 3  # ZMTP 3.0
	var mechanism = Dialect.utf8("NULL")
	for i in range(mechanism.size()):
		greeting[12 + i] = mechanism[i]
	_out.append_array(greeting)


func _greeted() -> void:
	if _in[_at] != 0xff or _in[_at + 9] & 1 != 1:
		_end("it speaks no ZeroMQ")
	elif _in[_at + 10] < 3:
		_end("it speaks an old ZeroMQ")
	else:
		var mechanism := ""
		for i in range(20):
			var one: int = _in[_at + 12 + i]
			if one < 0x20 or one > 0x7e:
				break
			mechanism += char(one)
		if mechanism != "NULL":
			_end("it asks for %s, and this client speaks only NULL: use loopback, or --insecure" % mechanism)
			return
		_at += GREETING_BYTES
		_state = HANDSHAKE
		var ready_body := []
		_add_property(ready_body, "Socket-Type", _kind)
		_add_property(ready_body, "Identity", "")
		_put_command("READY", ready_body)


func _add_property(body: Array, name: String, value: String) -> void:
	body.append(name.length())
	for one in Dialect.utf8(name):
		body.append(one)
	for shift in [24, 16, 8, 0]:
		body.append((value.length() >> shift) & 255)
	for one in Dialect.utf8(value):
		body.append(one)


# --- frames in

func _read() -> void:
	while not lost:
		var there: int = _in.size() - _at
		if _state == GREETING:
			if there < GREETING_BYTES:
				break
			_greeted()
			continue
		if there < 2:
			break
		var flags: int = _in[_at]
		var head := 9 if flags & LONG else 2
		if flags > 7 or (flags & COMMAND and flags & MORE):
			_end("a frame has flags %d" % flags)
			return
		if there < head:
			break
		var size := _size_at(_at + 1, head - 1)
		if size < 0 or size > LARGEST_MESSAGE:
			_end("a message is too large")
			return
		if there < head + size:
			break
		var body = Dialect.part(_in, _at + head, size)
		_at += head + size
		if flags & COMMAND:
			_command(body)
		else:
			_message(body, flags & MORE != 0)
	if _at > 0:
		_in = Dialect.part(_in, _at, _in.size() - _at)
		_at = 0


func _size_at(at: int, width: int) -> int:
	var size := 0
	for i in range(width):
		size = (size << 8) | _in[at + i]
		if size > LARGEST_MESSAGE:
			return -1
	return size


func _message(body, more: bool) -> void:
	if _state != TALKING:
		_end("a message comes before the greeting is over")
		return
	_parts.append(body)
	_parts_bytes += body.size()
	if _parts.size() > MOST_PARTS or _parts_bytes > LARGEST_MESSAGE:
		_end("a message is too large")
	elif not more:
		received.append(_parts)
		_parts = []
		_parts_bytes = 0


func _command(body) -> void:
	var length: int = body[0] if body.size() > 0 else 0
	if length == 0 or length + 1 > body.size():
		_end("a command has no name")
		return
	var name := ""
	for i in range(length):
		name += char(body[1 + i]) if body[1 + i] > 0x20 and body[1 + i] < 0x7f else "?"
	if name == "READY" and _state == HANDSHAKE:
		_ready(body, 1 + length)
	elif name == "ERROR" and _state == HANDSHAKE:
		_end("it refused the connection")
	elif name == "PING" and _state == TALKING:
		var context := []
		for i in range(length + 3, min(body.size(), length + 3 + 16)):
			context.append(body[i])
		_put_command("PONG", context)
	elif _state != TALKING:
		_end("%s comes before the greeting is over" % name)
	# others, PONG among them, have said that somebody is there


func _ready(body, at: int) -> void:
	var found := ""
	while at < body.size():
		var name_length: int = body[at]
		if at + 1 + name_length + 4 > body.size():
			_end("its greeting is cut off")
			return
		var name := _letters(body, at + 1, name_length).to_lower()
		at += 1 + name_length
		var length: int = (body[at] << 24) | (body[at + 1] << 16) | (body[at + 2] << 8) | body[at + 3]
		at += 4
		if at + length > body.size():
			_end("its greeting is cut off")
			return
		if name == "socket-type":
			found = _letters(body, at, int(min(length, 16)))
		at += length
	if not found in _peers:
		_end("a %s is at this port: are control and curves exchanged?" % [found if found != "" else "stranger"])
		return
	_state = TALKING
	ready = true


func _letters(bytes, at: int, count: int) -> String:
	var out := ""
	for i in range(count):
		var one: int = bytes[at + i]
		out += char(one) if one > 0x20 and one < 0x7f else "?"
	return out


# --- frames out

func _subscription(first: int, topic) -> void:
	var body = Dialect.zero_bytes(1)
	body[0] = first
	body.append_array(topic)
	send([body])


func _put_command(name: String, rest: Array) -> void:
	var body = Dialect.zero_bytes(1)
	body[0] = name.length()
	body.append_array(Dialect.utf8(name))
	for one in rest:
		body.append(one)
	_put(COMMAND, body)


func _put(flags: int, body) -> void:
	var size: int = body.size()
	if size < 256:
		_out.append(flags)
		_out.append(size)
	else:
		_out.append(flags | LONG)
		for shift in [56, 48, 40, 32, 24, 16, 8, 0]:
			_out.append((size >> shift) & 255)
	_out.append_array(body)


func _end(reason: String) -> void:
	if not lost:
		lost = true
		ready = false
		why = reason
		_state = LOST
		_peer.disconnect_from_host()
