using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;

namespace FaceRig.Tests
{
    /// bench decode PACKET_FILE COUNT, and bench listen CONTROL_PORT CURVES_PORT SOUND.s16 SECONDS [SUBJECT]: see
    /// tests/bridges/README.md.
    sealed class Bench
    {
        const int RateHz = 16000, Piece = 320, PieceMs = 20, PiecesInHand = 10, PicturesPerSec = 60, WaySamples = 1600;
        const double NsPerSample = 1e9 / RateHz;

        readonly Character _character;
        readonly short[] _sound;
        readonly Frame _frame = new Frame();
        readonly double[] _lateMs; // of each frame with sound
        long _frames, _pictures, _firstIndex, _firstSample, _lastIndex, _lastSample;
        long _firstNs;

        Bench(Character character, short[] sound, int seconds)
        {
            _character = character;
            _sound = sound;
            _lateMs = new double[(seconds + 5) * PicturesPerSec];
        }

        public static int Run(string[] arguments)
        {
            if (arguments[0] == "decode") return Decode(File.ReadAllBytes(arguments[1]), int.Parse(arguments[2]));
            var options = new ClientOptions { ControlPort = int.Parse(arguments[1]), CurvesPort = int.Parse(arguments[2]) };
            using (var client = new Client(options, Allocations.Around))
            {
                var subject = arguments.Length > 5 ? arguments[5] : "bench";
                var character = client.Open(subject, new CharacterOptions { SampleRate = RateHz, Rig = "arkit", Seed = 7 });
                character.KeepFrames(1000);
                var seconds = int.Parse(arguments[4]);
                new Bench(character, Sound.Read(arguments[3]), seconds).Listen(seconds);
                return 0;
            }
        }

        static int Decode(byte[] packet, int count)
        {
            var into = new float[Wire.MostCurves];
            Decode(packet, count / 10, into);
            var clock = new Stopwatch();
            var before = GC.GetAllocatedBytesForCurrentThread();
            clock.Start();
            Decode(packet, count, into);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            var secs = clock.Elapsed.TotalSeconds;
            Console.WriteLine("{\"frames_per_sec\": " + Text(count / secs) + ", \"allocated_bytes_per_frame\": "
                              + Text((double)bytes / count) + "}");
            return 0;
        }

        static void Decode(byte[] packet, int count, float[] into)
        {
            for (var k = 0; k < count; k++)
            {
                FrameHeader header;
                string fault;
                if (!FrameHeader.TryRead(packet, 0, packet.Length, out header, out fault)) throw new Failed(fault);
                header.CopyValues(packet, into);
            }
        }

        void Listen(int seconds)
        {
            while (!_character.IsOpen) Rest(1);
            var face = new float[_character.Schema.Curves.Length];
            var lookahead = _character.LatencySamples;
            var collections = GC.CollectionCount(0);
            _firstNs = Clock.NowNs();
            for (long piece = 0; ; )
            {
                var ns = Clock.NowNs() - _firstNs;
                if (ns > seconds * 1000000000L) break;
                for (; ns >= (piece - PiecesInHand) * PieceMs * 1000000L; piece++)
                    _character.SaySound(_sound, (int)(piece * Piece % (_sound.Length - Piece)), Piece, false);
                Allocations.Begin();
                Take();
                if (ns >= _pictures * 1000000000L / PicturesPerSec)
                {
                    Shown shown;
                    var playing = (long)(ns / NsPerSample) - lookahead - WaySamples;
                    _character.Show(playing, face, out shown);
                    _pictures++;
                }
                Allocations.Look();
                Rest(1);
            }
            Tell(GC.CollectionCount(0) - collections);
        }

        // Frames as the library has them for an engine
        void Take()
        {
            while (_character.TryTake(_frame))
            {
                if (_frame.Sample < 0 || _frames == _lateMs.Length) continue;
                var dueNs = _firstNs + (_frame.Sample + _character.LatencySamples) * NsPerSample;
                _lateMs[_frames] = (Clock.NowNs() - dueNs) / 1e6;
                if (_frames++ == 0)
                {
                    _firstIndex = _frame.Index;
                    _firstSample = _frame.Sample;
                }
                _lastIndex = _frame.Index;
                _lastSample = _frame.Sample;
            }
        }

        void Tell(int collections)
        {
            var counts = _character.Counts;
            Array.Sort(_lateMs, 0, (int)_frames);
            var drift = Math.Truncate(_lastSample - _firstSample - (_lastIndex - _firstIndex) * (double)RateHz / 60);
            Console.WriteLine("{\"frames\": " + _frames + ", \"pictures\": " + _pictures + ", \"gaps\": " + counts.Lost
                              + ", \"held\": " + counts.Held + ", \"drift_samples\": " + Text(drift)
                              + ", \"allocated_bytes_per_frame\": " + Text(Allocations.Bytes / Math.Max(1.0, _frames))
                              + ", \"collections\": " + collections
                              + ", \"latency_ms\": {\"p50\": " + Late(0.5) + ", \"p99\": " + Late(0.99) + ", \"max\": "
                              + Late(1) + "}}");
        }

        string Late(double share) => _frames == 0 ? "null" : Text(_lateMs[(int)Math.Min(_frames - 1, share * _frames)]);

        static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

        static void Rest(int ms) => Thread.Sleep(ms);
    }

    /// What frames cost in memory, after two seconds of warming up: all that the connections' threads allocate from message to
    /// message, and the picture's thread to take and show a face. Sound on its way is kept and costs what it holds. Mono tells
    /// it exactly for each thread.
    sealed class Allocations : IZmtpListener
    {
        const long WarmUpNs = 2000000000;

        [ThreadStatic] static long _seen;
        [ThreadStatic] static bool _looks;
        static readonly long FromNs = Clock.NowNs() + WarmUpNs;
        static long _bytes;

        readonly IZmtpListener _inner;

        Allocations(IZmtpListener inner) => _inner = inner;

        public static long Bytes => Interlocked.Read(ref _bytes);

        public static IZmtpListener Around(IZmtpListener inner) => new Allocations(inner);

        /// What this thread has allocated up to now does not count.
        public static void Begin() => _seen = GC.GetAllocatedBytesForCurrentThread();

        public static void Look()
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            if (_looks) Interlocked.Add(ref _bytes, now - _seen);
            _looks = Clock.NowNs() > FromNs;
            _seen = now;
        }

        public void Connected(ZmtpConnection of) => _inner.Connected(of);

        public void Lost(ZmtpConnection of, string why) => _inner.Lost(of, why);

        public void Received(ZmtpConnection of, ZmtpReader message)
        {
            _inner.Received(of, message);
            Look();
        }
    }
}
