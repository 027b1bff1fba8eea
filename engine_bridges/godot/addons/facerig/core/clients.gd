## Clients by address: characters of one service share its connections.

const Client = preload("client.gd")

const NOTE = "facerig_clients"  # on Engine: address -> weak reference


static func at(host: String, control_port: int, curves_port: int):
	var all: Dictionary = Engine.get_meta(NOTE) if Engine.has_meta(NOTE) else {}
	var address := "%s:%d:%d" % [host, control_port, curves_port]
	var client = all[address].get_ref() if all.has(address) else null
	if client == null:
		client = Client.new(host, control_port, curves_port)
		all[address] = weakref(client)
		Engine.set_meta(NOTE, all)
	return client
