using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace FaceRig
{
    // Who hears what comes over a connection, in the connection's own thread
    interface IZmtpListener
    {
        void Connected(ZmtpConnection of);
        void Received(ZmtpConnection of, ZmtpReader message);
        void Lost(ZmtpConnection of, string why);
    }

    /// A ZeroMQ connection over TCP that is opened again whenever it breaks. It has a thread of its own, which
    /// connects and reads; `Send` writes in the caller's. A peer that is gone without a word is noticed by
    /// heartbeats.
    sealed class ZmtpConnection
    {
        const int TurnMs = 100, HandshakeMs = 5000, SendMs = 3000;
        const int SilenceMs = 3 * Wire.Client.HeartbeatMs;
        const long MostBytes = 2L * Wire.LargestMessage;

        readonly string _host, _kind, _peerKind;
        readonly int _port;
        readonly IZmtpListener _listener;
        readonly ZmtpReader _reader = new ZmtpReader(MostBytes);
        readonly ZmtpWriter _own = new ZmtpWriter(); // heartbeats and answers to them
        readonly object _writing = new object();
        readonly ManualResetEvent _stop = new ManualResetEvent(false);
        readonly Thread _thread;
        Socket _socket;
        volatile bool _open, _cut, _stopping;

        /// kind: DEALER or SUB; peerKind: ROUTER or XPUB.
        public ZmtpConnection(string host, int port, string kind, string peerKind, IZmtpListener listener)
        {
            _host = host;
            _port = port;
            _kind = kind;
            _peerKind = peerKind;
            _listener = listener;
            _thread = new Thread(Run) { IsBackground = true, Name = "facerig " + kind };
        }

        /// Both sides have said hello.
        public bool IsOpen => _open;

        /// This connection rather than the one before or after it; null while there is none.
        public object Current => _open ? Volatile.Read(ref _socket) : null;

        /// Why the last attempt failed.
        public string Problem { get; private set; } = "";

        /// Of the other side's protocol.
        public int Minor => _reader.Minor;

        public void Start() => _thread.Start();

        /// Lets go. The thread is gone when this returns, unless it is the caller's.
        public void Stop()
        {
            _stopping = true;
            _stop.Set();
            Break();
            if (Thread.CurrentThread != _thread && _thread.IsAlive) _thread.Join();
        }

        /// Whether nothing that still comes counts.
        public bool IsCut => _cut;

        /// Cuts the connection as a network does. It is opened again.
        public void Break()
        {
            _cut = true;
            var socket = Volatile.Read(ref _socket);
            if (socket == null) return;
            try { socket.Shutdown(SocketShutdown.Both); }
            catch (SocketException) { } // it is cut already
            catch (ObjectDisposedException) { }
        }

        /// Writes what is meant for this connection (`Current`) and no later one. Where that cannot be done the
        /// connection breaks.
        public void Send(ZmtpWriter what, object current)
        {
            lock (_writing)
            {
                var socket = Volatile.Read(ref _socket);
                if (what.Length == 0 || socket == null || socket != current || Write(socket, what)) return;
            }
            Break();
        }

        void Run()
        {
            var pauseMs = Wire.Client.ReconnectMs;
            while (!_stopping)
            {
                var why = Converse();
                var wasOpen = _open;
                _open = false;
                Problem = why;
                Close();
                if (wasOpen)
                {
                    pauseMs = Wire.Client.ReconnectMs;
                    _listener.Lost(this, why);
                }
                if (_stop.WaitOne(pauseMs)) break;
                pauseMs = Math.Min(2 * pauseMs, Wire.Client.LongestReconnectMs);
            }
        }

        // Connects, says hello, reads until something breaks; says what
        string Converse()
        {
            try
            {
                var socket = Connect();
                _cut = false;
                if (socket == null) return "nobody answers at " + _host + ":" + _port;
                _reader.Reset();
                _own.Clear();
                _own.GreetingBegin();
                return Write(socket, _own) ? Read(socket) : "the connection broke";
            }
            catch (SocketException problem) { return problem.Message; }
            catch (ObjectDisposedException) { return "the connection was closed"; }
        }

        Socket Connect()
        {
            IPAddress address;
            foreach (var one in IPAddress.TryParse(_host, out address) ? new[] { address } : Dns.GetHostAddresses(_host))
            {
                var socket = new Socket(one.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                {
                    NoDelay = true, SendTimeout = SendMs,
                };
                var connecting = socket.BeginConnect(one, _port, null, null);
                var which = WaitHandle.WaitAny(new[] { connecting.AsyncWaitHandle, _stop }, HandshakeMs);
                try
                {
                    if (which == 0)
                    {
                        socket.EndConnect(connecting);
                        Volatile.Write(ref _socket, socket);
                        return socket;
                    }
                }
                catch (SocketException) { } // the next address, perhaps
                socket.Close();
            }
            return null;
        }

        string Read(Socket socket)
        {
            long heard = Clock.NowMs(), asked = heard, began = heard;
            while (!_stopping && !_cut)
            {
                var there = socket.Poll(TurnMs * 1000, SelectMode.SelectRead);
                var now = Clock.NowMs();
                if (there)
                {
                    var space = _reader.Space();
                    SocketError error;
                    var bytes = socket.Receive(space.Array, space.Offset, space.Count, SocketFlags.None, out error);
                    if (bytes <= 0) return error == SocketError.Success ? "the service closed the connection" : error.ToString();
                    heard = now;
                    _reader.Filled(bytes);
                    var fault = Take(socket);
                    if (fault != null) return fault;
                }
                if (!_open && now - began > HandshakeMs) return "who answers there does not say hello";
                if (!_open) continue;
                if (now - heard > SilenceMs) return "the service is silent";
                if (now - asked < Wire.Client.HeartbeatMs) continue;
                asked = now;
                if (!Beat(socket)) return "the service takes nothing";
            }
            return "the connection was cut";
        }

        // Everything that has come; says what is wrong with it
        string Take(Socket socket)
        {
            while (!_cut)
                switch (_reader.Next())
                {
                    case ZmtpEvent.NeedsMore: return null;
                    case ZmtpEvent.Broken: return _reader.Fault;
                    case ZmtpEvent.Greeting:
                        _own.Clear();
                        _own.GreetingEnd();
                        _own.Ready(_kind);
                        if (!Write(socket, _own)) return "the connection broke";
                        break;
                    case ZmtpEvent.Message:
                        if (!_open) return "a message came before READY";
                        _listener.Received(this, _reader);
                        break;
                    case ZmtpEvent.Command:
                        var fault = Obey(socket);
                        if (fault != null) return fault;
                        break;
                }
            return "the connection was cut";
        }

        string Obey(Socket socket)
        {
            if (_reader.Is("READY"))
            {
                if (_open) return "READY came twice";
                var kind = _reader.Property("Socket-Type");
                if (kind != _peerKind && !(kind == "PUB" && _peerKind == "XPUB"))
                    return "the port is not that of " + (_kind == "SUB" ? "curves" : "control");
                _open = true;
                _listener.Connected(this);
            }
            else if (_reader.Is("PING"))
                lock (_writing)
                {
                    _own.Clear();
                    _own.Pong(_reader.Body());
                    if (!Write(socket, _own)) return "the service takes nothing";
                }
            else if (_reader.Is("ERROR")) return "the service refused the connection";
            return null; // commands of later versions are passed over
        }

        bool Beat(Socket socket)
        {
            lock (_writing)
            {
                _own.Clear();
                _own.Ping(SilenceMs / 100);
                return Write(socket, _own);
            }
        }

        static bool Write(Socket socket, ZmtpWriter what)
        {
            for (var sent = 0; sent < what.Length;)
            {
                SocketError error;
                int bytes;
                try { bytes = socket.Send(what.Buffer, sent, what.Length - sent, SocketFlags.None, out error); }
                catch (ObjectDisposedException) { return false; }
                if (error != SocketError.Success || bytes <= 0) return false;
                sent += bytes;
            }
            return true;
        }

        void Close()
        {
            lock (_writing)
            {
                var socket = Volatile.Read(ref _socket);
                Volatile.Write(ref _socket, null);
                if (socket != null) socket.Close();
            }
        }
    }

    static class Clock
    {
        /// A clock that never goes back.
        public static long NowNs()
        {
            long ticks = Stopwatch.GetTimestamp(), perSec = Stopwatch.Frequency;
            return ticks / perSec * 1000000000 + ticks % perSec * 1000000000 / perSec;
        }

        public static long NowMs() => NowNs() / 1000000;
    }
}
