using System;
using System.Collections.Generic;
using System.IO;

namespace FaceRig.Tests
{
    /// fuzz FOLDER COUNT SEED: golden packets, spoilt at random, and random bytes, through everything that reads: replies,
    /// schemas, frames and the jitter buffer, a client's whole conversation, and the bytes of a ZeroMQ connection. Nothing
    /// may throw, no face may hold anything but numbers, and no case may allocate much more than it has bytes.
    sealed class Fuzz
    {
        const long AllowedBytes = 1 << 16, AllowedPerByte = 64; // of memory, for a case of so many bytes

        readonly Random _random;
        readonly List<byte[]> _corpus = new List<byte[]>();
        readonly Reply _reply = new Reply();
        readonly Outgoing _outgoing = new Outgoing();
        readonly byte[] _bytes = new byte[1 << 16];
        readonly float[] _face = new float[2];
        int _count; // of _bytes
        Playout _playout;
        Link _link;
        Conversation _talk;
        ZmtpReader _zmtp;
        long _nowNs, _taken, _worst;

        Fuzz(string folder, int seed)
        {
            _random = new Random(seed);
            foreach (var path in Directory.GetFiles(folder, "*.bin")) _corpus.Add(File.ReadAllBytes(path));
            if (_corpus.Count == 0) throw new Failed(folder + ": holds no packets");
            _corpus.Sort((one, other) => string.CompareOrdinal(Convert.ToBase64String(one), Convert.ToBase64String(other)));
        }

        public static int Run(string[] arguments)
        {
            var fuzz = new Fuzz(arguments[0], int.Parse(arguments[2]));
            var count = int.Parse(arguments[1]);
            for (var k = 0; k < count; k++)
                try
                {
                    if (k % 1000 == 0) fuzz.Begin();
                    fuzz.Case(k);
                }
                catch (Exception problem)
                {
                    var bytes = Convert.ToBase64String(fuzz._bytes, 0, Math.Min(fuzz._count, 2000));
                    throw new Failed("case " + k + " of seed " + arguments[2] + ": " + problem + "\nbytes: " + bytes);
                }
            Console.WriteLine("{\"cases\": " + count + ", \"taken\": " + fuzz._taken + ", \"most_bytes_allocated\": "
                              + fuzz._worst + "}");
            return 0;
        }

        // Readers that remember begin anew now and then
        void Begin()
        {
            _playout = new Playout(48000, 60, 1, new float[2]);
            _link = new Link();
            _talk = new Conversation("anna", new CharacterOptions { SampleRate = 48000 });
            _talk.News.MostFrames = 100;
            _talk.Out.Add(new short[4800], 0, 4800); // which is sent when an answer allows it: that is no storm
            _talk.Flush();
            _talk.Direct(10, new Direction { Emotion = "joy", Gaze = new double[] { 0, 0, 1 } });
            _link.Open(_talk);
            _zmtp = new ZmtpReader(1 << 16);
        }

        void Case(int k)
        {
            Spoil();
            var before = GC.GetAllocatedBytesForCurrentThread();
            switch (k % 4)
            {
                case 0: Read(); break;
                case 1: Draw(); break;
                case 2: Converse(); break;
                default: Receive(); break;
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            _worst = Math.Max(_worst, allocated);
            if (allocated > AllowedBytes + AllowedPerByte * _count) throw new Failed(allocated + " bytes allocated");
        }

        void Read()
        {
            string fault;
            Schema schema;
            FrameHeader frame;
            if (_reply.TryRead(_bytes, 0, _count, out fault)) _taken++;
            if (Schema.TryRead(_bytes, 0, _count, out schema, out fault)) _taken++;
            if (FrameHeader.TryRead(_bytes, 0, _count, out frame, out fault)) _taken++;
        }

        // Frames that are frames, but come as they like
        void Draw()
        {
            string fault;
            FrameHeader frame;
            _count = PackFrame();
            if (FrameHeader.TryRead(_bytes, 0, _count, out frame, out fault) && _playout.Put(frame, _bytes)) _taken++;
            _nowNs += _random.Next(30000000);
            _playout.Show(_nowNs, Sample(), _face);
            foreach (var value in _face)
                if (!(value >= -1 && value <= 1)) throw new Failed("a face of " + value);
        }

        int PackFrame()
        {
            var values = new List<float> { (float)_random.NextDouble(), -(float)_random.NextDouble() };
            var frame = Frames.Packed(_random.Next(20) == 0 ? _random.Next(4) : _playout.Epoch, Number(), Sample(),
                                      _random.Next(16), values);
            frame.CopyTo(_bytes, 0);
            return frame.Length;
        }

        // Answers and frames to a client that has a session, or has not
        void Converse()
        {
            string fault;
            FrameHeader frame;
            _outgoing.Clear();
            _link.Answered(_reply.TryRead(_bytes, 0, _count, out fault) ? _reply : null, _nowNs);
            var data = new ArraySegment<byte>(_bytes, 0, _count);
            var isFrame = FrameHeader.TryRead(_bytes, 0, _count, out frame, out fault);
            _link.Published(new ArraySegment<byte>(_talk.Topic), data, frame, isFrame);
            _nowNs += _random.Next(100000000);
            if (_random.Next(50) == 0) _link.Lost(_nowNs);
            if (_random.Next(50) == 0) _talk.Interrupt();
            if (_talk.Playout != null && _talk.Schema.Curves.Length == 2) _talk.Show(Sample(), _nowNs, _face);
            _link.SendDue(_outgoing, _nowNs, true);
            CharacterEvent one;
            while (_talk.News.TryTake(out one)) _taken++;
        }

        // A connection's bytes, as they come in pieces: some good ones, then these
        void Receive()
        {
            if (_zmtp.Fault != null || _random.Next(10) == 0) _zmtp.Reset();
            if (_zmtp.Minor == 0 && _random.Next(5) > 0) Feed(Hello());
            Feed(_random.Next(2) == 0 ? Framed() : null);
        }

        void Feed(ZmtpWriter good)
        {
            var bytes = good == null ? _bytes : good.Buffer;
            var count = good == null ? _count : good.Length;
            for (var at = 0; at < count;)
            {
                var space = _zmtp.Space();
                var piece = Math.Min(Math.Min(space.Count, count - at), 1 + _random.Next(200));
                Buffer.BlockCopy(bytes, at, space.Array, space.Offset, piece);
                _zmtp.Filled(piece);
                at += piece;
                ZmtpEvent one;
                while ((one = _zmtp.Next()) != ZmtpEvent.NeedsMore && one != ZmtpEvent.Broken) Look(one);
                if (one == ZmtpEvent.Broken) return;
            }
        }

        // Everything that a connection asks of what has come
        void Look(ZmtpEvent one)
        {
            _taken++;
            if (one == ZmtpEvent.Message)
                for (var k = 0; k < _zmtp.Parts; k++) Inside(_zmtp.Part(k));
            if (one != ZmtpEvent.Command) return;
            Inside(_zmtp.Body());
            if (_zmtp.Is("READY")) _zmtp.Property("Socket-Type");
            if (_zmtp.Is("PING")) new ZmtpWriter().Pong(_zmtp.Body());
        }

        static void Inside(ArraySegment<byte> slice)
        {
            if (slice.Offset < 0 || slice.Count < 0 || slice.Offset + slice.Count > slice.Array.Length)
                throw new Failed("a part that is not there");
        }

        ZmtpWriter Hello()
        {
            var to = new ZmtpWriter();
            to.GreetingBegin();
            to.GreetingEnd();
            to.Ready("XPUB");
            to.Ping(30);
            return to;
        }

        ZmtpWriter Framed()
        {
            var to = new ZmtpWriter();
            to.Message(_bytes, 0, _count);
            if (_random.Next(3) == 0) to.Buffer[_random.Next(Math.Min(12, to.Length))] ^= (byte)(1 << _random.Next(8));
            return to;
        }

        // Bytes for a case: a packet with a few changes, or any
        void Spoil()
        {
            if (_random.Next(20) == 0)
            {
                _random.NextBytes(_bytes);
                _count = _random.Next(300);
                return;
            }
            var packet = Any();
            packet.CopyTo(_bytes, 0);
            _count = packet.Length;
            for (var changes = _random.Next(5); changes > 0 && _count > 0; changes--) Change();
        }

        void Change()
        {
            var at = _random.Next(_count);
            switch (_random.Next(6))
            {
                case 0: _bytes[at] ^= (byte)(1 << _random.Next(8)); break;
                case 1: _bytes[at] = (byte)_random.Next(256); break;
                case 2: _bytes[at] = new byte[] { 0, 0x7f, 0x80, 0xc1, 0xdf, 0xdd, 0xdb, 0xc6, 0xff }[_random.Next(9)]; break;
                case 3: _count = at; break;
                case 4: // a piece again
                    var piece = Math.Min(_random.Next(40), _count - at);
                    Buffer.BlockCopy(_bytes, at, _bytes, at + piece, _count - at);
                    _count += piece;
                    break;
                default: // the end of another
                    var other = Any();
                    var from = _random.Next(other.Length + 1);
                    Buffer.BlockCopy(other, from, _bytes, at, other.Length - from);
                    _count = at + other.Length - from;
                    break;
            }
        }

        byte[] Any() => _corpus[_random.Next(_corpus.Count)];

        long Sample() => _random.Next(5) == 0 ? Large() : _random.Next(200000) - 1;

        long Number() => _random.Next(20) == 0 ? Math.Max(0, Large()) : _random.Next(400);

        // Anything, also what the arithmetic of samples and times must bear
        long Large() => (long)(_random.NextDouble() * long.MaxValue) >> _random.Next(63);
    }
}
