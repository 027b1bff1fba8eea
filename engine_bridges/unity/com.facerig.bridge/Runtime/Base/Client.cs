using System;
using System.Collections.Generic;
using System.Threading;

namespace FaceRig
{
    /// Where a service is, and what is allowed.
    public sealed class ClientOptions
    {
        public string Host = "127.0.0.1";
        public int ControlPort = Wire.ControlPort;

        /// 0: the one after the control port.
        public int CurvesPort;

        /// This client speaks to services without keys only. Over a network anybody could listen and take sessions
        /// over; such a service (facerig serve --insecure) must be wished for.
        public bool Insecure;
    }

    /// A connection to a service, for any number of characters; all of it may be called from any thread, and nothing
    /// waits for the network. Threads in the background connect, read and send; after a lost connection they open
    /// another one and go on where it was.
    public sealed class Client : IDisposable, IZmtpListener
    {
        const int TurnMs = 100, LastWordsMs = 1000;
        const int SessionsMs = Wire.Client.SchemaWaitMs; // that sessions wait for the curves' connection

        readonly object _lock = new object();
        readonly Link _link = new Link();
        readonly Outgoing _outgoing = new Outgoing();
        readonly Reply _reply = new Reply();
        readonly ZmtpConnection _control, _curves;
        readonly Thread _thread;
        ZmtpWriter _subscriptions = new ZmtpWriter(), _subscribing = new ZmtpWriter(); // to send; being sent
        long _connectedNs = long.MaxValue;
        bool _running = true, _due;

        /// Connects in the background. Throws a FaceRigException for what is no address.
        public Client(ClientOptions options) : this(options, listener => listener) { }

        // around: what measures what the connections' threads do
        internal Client(ClientOptions options, Func<IZmtpListener, IZmtpListener> around)
        {
            var curves = options.CurvesPort == 0 ? options.ControlPort + 1 : options.CurvesPort;
            if (string.IsNullOrEmpty(options.Host) || options.ControlPort < 1 || options.ControlPort > 65535
                || curves < 1 || curves > 65535)
                throw FaceRigException.Config("is no address of a service", "connect", "give a host and its ports");
            if (!options.Insecure && !Loopback.Is(options.Host))
                throw FaceRigException.Config(options.Host + " is another machine, and this client has no keys",
                                              "connect", "use 127.0.0.1, or set Insecure in a network you trust");
            _control = new ZmtpConnection(options.Host, options.ControlPort, "DEALER", "ROUTER", around(this));
            _curves = new ZmtpConnection(options.Host, curves, "SUB", "XPUB", around(this));
            _thread = new Thread(Run) { IsBackground = true, Name = "facerig client" };
            _curves.Start();
            _control.Start();
            _thread.Start();
        }

        public bool IsConnected => _control.IsOpen && _curves.IsOpen;

        /// Why there is no connection; empty while there is one.
        public string Problem => !_control.IsOpen ? _control.Problem : !_curves.IsOpen ? _curves.Problem : "";

        /// How often the connection was lost, and messages of the service that could not be read.
        public long Losses { get { lock (_lock) return _link.Losses; } }
        public long Garbage { get { lock (_lock) return _link.Garbage; } }

        /// Begins a session; its first event says how that went. Throws a FaceRigException for wrong options or a
        /// subject that is open.
        public Character Open(string subject, CharacterOptions options = null)
        {
            options = options == null ? new CharacterOptions() : options.Copy();
            options.Check(subject);
            var talk = new Conversation(subject, options);
            lock (_lock)
            {
                _link.Open(talk);
                Subscribe(talk, true);
                Wake();
            }
            return new Character(talk, this);
        }

        /// Asks for the service's figures, which `Figures` then holds.
        public void AskStatistics()
        {
            lock (_lock)
            {
                _link.AskStatistics();
                Wake();
            }
        }

        /// The service's figures by name; null until they have come.
        public Dictionary<string, double> Figures { get { lock (_lock) return _link.Figures; } }

        /// Cuts both connections as a broken network does: for tests of what comes after.
        public void Break()
        {
            _control.Break();
            _curves.Break();
        }

        /// Ends all sessions; sound that was not sent stays unsent. Waits a moment for the last words to leave.
        public void Dispose()
        {
            lock (_lock)
            {
                if (!_running) return;
                foreach (var talk in _link.All) talk.Abandon();
                Wake();
                var endMs = Clock.NowMs() + LastWordsMs;
                while (_control.IsOpen && HasSessions() && Clock.NowMs() < endMs) Monitor.Wait(_lock, 20);
                _running = false;
                Wake();
            }
            _thread.Join();
            _control.Stop();
            _curves.Stop();
        }

        internal object Lock => _lock;

        // Something may have to be sent. Holding the lock
        internal void Wake()
        {
            _due = true;
            Monitor.PulseAll(_lock);
        }

        void Run()
        {
            while (true)
            {
                object control, curves;
                lock (_lock)
                {
                    if (!_due && _running) Monitor.Wait(_lock, TurnMs);
                    if (!_running) return;
                    _due = false;
                    control = _control.Current;
                    curves = _curves.Current;
                    _outgoing.Clear();
                    if (control != null) _link.SendDue(_outgoing, Clock.NowNs(), MayGreet());
                    ChangeSubscriptions();
                }
                _curves.Send(_subscribing, curves);
                _control.Send(_outgoing.Bytes, control);
            }
        }

        // Frames that leave before their subscription is there are lost: curves first
        bool MayGreet() => _curves.IsOpen || Clock.NowNs() - _connectedNs > SessionsMs * 1000000L;

        void ChangeSubscriptions()
        {
            Conversation gone;
            while (_link.TryTakeGone(out gone)) Subscribe(gone, false);
            var sent = _subscribing;
            sent.Clear();
            _subscribing = _subscriptions;
            _subscriptions = sent;
        }

        void Subscribe(Conversation talk, bool wanted)
        {
            if (_curves.IsOpen) _subscriptions.Subscription(talk.Topic, wanted, _curves.Minor);
        }

        bool HasSessions()
        {
            foreach (var talk in _link.All)
                if (talk.Session != 0) return true;
            return false;
        }

        #region In the connections' threads

        void IZmtpListener.Connected(ZmtpConnection of)
        {
            lock (_lock)
            {
                if (of == _control) _connectedNs = Clock.NowNs();
                else
                {
                    _subscriptions.Clear();
                    foreach (var talk in _link.All) Subscribe(talk, true);
                }
                Wake();
            }
        }

        void IZmtpListener.Received(ZmtpConnection of, ZmtpReader message)
        {
            if (of == _control) Answered(message);
            else Published(message);
        }

        void IZmtpListener.Lost(ZmtpConnection of, string why)
        {
            if (of != _control) return; // the next one subscribes again; gaps are counted
            lock (_lock)
            {
                _curves.Break();
                _connectedNs = long.MaxValue;
                _link.Lost(Clock.NowNs());
                Wake();
            }
        }

        void Answered(ZmtpReader message)
        {
            string fault;
            var part = message.Part(message.Parts - 1);
            var good = _reply.TryRead(part.Array, part.Offset, part.Count, out fault);
            lock (_lock)
            {
                _link.Answered(good ? _reply : null, Clock.NowNs());
                Wake();
            }
        }

        void Published(ZmtpReader message)
        {
            if (message.Parts < 2) return;
            string fault;
            Schema schema;
            var frame = default(FrameHeader);
            ArraySegment<byte> topic = message.Part(0), data = message.Part(message.Parts - 1);
            var isFrame = FrameHeader.Begins(data.Array, data.Offset, data.Count);
            var good = isFrame ? FrameHeader.TryRead(data.Array, data.Offset, data.Count, out frame, out fault)
                               : Schema.TryRead(data.Array, data.Offset, data.Count, out schema, out fault);
            lock (_lock)
            {
                if (_curves.IsCut) return;
                if (!good) _link.Unreadable();
                else if (_link.Published(topic, data, frame, isFrame)) Wake();
            }
        }

        #endregion
    }
}
