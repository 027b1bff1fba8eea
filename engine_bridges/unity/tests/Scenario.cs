using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace FaceRig.Tests
{
    /// scenario CONTROL_PORT CURVES_PORT SOUND.s16 SUBJECT [burst]: what every library's program does; see
    /// tests/bridges/README.md.
    sealed class Scenario
    {
        const int RateHz = 16000, Piece = 320, NearEnd = 600, DirectAt = 16000;
        const int FirstEnd = 32000, SecondEnd = 48000, ThirdEnd = 64000; // samples of the file
        const int PatienceMs = 30000, TurnMs = 2;

        readonly Client _client;
        readonly Character _character;
        readonly short[] _sound;
        readonly Frame _frame = new Frame();
        readonly bool _burst;
        CharacterEvent _event;
        CharacterEventKind _happened = CharacterEventKind.Problem; // the last but problems
        bool _hasFrame, _hasEvent;
        long _begins; // of the last epoch's sound, as the service counts
        long _lastSample = -1; // of the last frame with flag 1

        Scenario(string[] arguments)
        {
            _burst = arguments.Length > 4 && arguments[4] == "burst";
            _sound = Sound.Read(arguments[2]);
            _client = new Client(new ClientOptions
            {
                ControlPort = int.Parse(arguments[0]), CurvesPort = int.Parse(arguments[1]),
            });
            _character = _client.Open(arguments[3], new CharacterOptions
            {
                SampleRate = RateHz, Rig = "arkit", Seed = 7, Pace = _burst ? "burst" : "realtime", Alive = !_burst,
            });
            _character.KeepFrames(10000);
        }

        public static int Run(string[] arguments)
        {
            var scenario = new Scenario(arguments);
            using (scenario._client)
                if (scenario._burst) scenario.SayLine();
                else scenario.Converse();
            return 0;
        }

        // Speak, be interrupted, be cut off, go on
        void Converse()
        {
            Until(() => _happened == CharacterEventKind.Opened, "opened");
            Speak(0, FirstEnd);
            _character.Interrupt();
            Until(() => _happened == CharacterEventKind.Interrupted, "interrupted");
            Speak(FirstEnd, SecondEnd);
            _client.Break();
            Until(() => _happened == CharacterEventKind.Resumed, "resumed");
            Speak(SecondEnd, ThirdEnd);
            _character.Flush();
            UntilLast(_begins + ThirdEnd - FirstEnd);
        }

        // A whole line at once
        void SayLine()
        {
            Until(() => _happened == CharacterEventKind.Opened, "opened");
            _character.Direct(new Direction { Emotion = "joy:0.8" }, DirectAt);
            _character.SaySound(_sound, 0, ThirdEnd, true);
            UntilLast(ThirdEnd);
        }

        void UntilLast(long end)
        {
            Until(() => _lastSample > end - NearEnd && _lastSample < end, "the last frame");
            _character.Close();
            Until(() => _happened == CharacterEventKind.Closed, "closed");
        }

        // Samples of the file, in real time
        void Speak(int from, int to)
        {
            var clock = Stopwatch.StartNew();
            for (var at = from; at < to; at += Piece)
            {
                var dueMs = (at - from) * 1000L / RateHz;
                while (clock.ElapsedMilliseconds < dueMs)
                {
                    Tell();
                    Thread.Sleep(TurnMs);
                }
                if (at == DirectAt) _character.Direct(new Direction { Emotion = "joy:0.8" }, DirectAt);
                _character.SaySound(_sound, at, Piece, false);
            }
        }

        void Until(Func<bool> so, string what)
        {
            var clock = Stopwatch.StartNew();
            while (!so())
            {
                if (clock.ElapsedMilliseconds > PatienceMs) throw new Failed(what + ": not in time");
                Tell();
                Thread.Sleep(TurnMs);
            }
        }

        // Prints what has come, in the order in which it came
        void Tell()
        {
            while (true)
            {
                _hasFrame = _hasFrame || _character.TryTake(_frame);
                _hasEvent = _hasEvent || _character.TryTake(out _event);
                if (!_hasFrame && !_hasEvent) return;
                if (_hasEvent && (!_hasFrame || _event.Order < _frame.Order))
                {
                    Tell(_event);
                    _hasEvent = false;
                }
                else
                {
                    Tell(_frame);
                    _hasFrame = false;
                }
            }
        }

        void Tell(Frame frame)
        {
            if (frame.IsLast) _lastSample = frame.ServiceSample;
            Console.WriteLine("{\"frame\": [" + frame.Epoch + ", " + frame.Index + ", " + frame.ServiceSample + ", "
                              + frame.Flags + ", " + Crc32.Of(frame.Values, frame.Count) + "]}");
        }

        void Tell(CharacterEvent one)
        {
            if (one.Kind == CharacterEventKind.Problem) throw new Failed(one.Problem.Message);
            _happened = one.Kind;
            var said = "";
            switch (one.Kind)
            {
                case CharacterEventKind.Opened:
                case CharacterEventKind.Resumed:
                    said = ", \"epoch\": " + one.Epoch + ", \"received\": " + one.At;
                    break;
                case CharacterEventKind.Interrupted:
                    _begins = one.At;
                    said = ", \"epoch\": " + one.Epoch + ", \"at\": " + one.At;
                    break;
                case CharacterEventKind.Closed: said = ", \"reason\": \"" + one.Reason + "\""; break;
            }
            Console.WriteLine("{\"event\": \"" + one.Kind.ToString().ToLowerInvariant() + "\"" + said + "}");
        }
    }

    static class Sound
    {
        /// Bare little-endian 16-bit samples.
        public static short[] Read(string path)
        {
            var bytes = File.ReadAllBytes(path);
            var samples = new short[bytes.Length / 2];
            Buffer.BlockCopy(bytes, 0, samples, 0, 2 * samples.Length);
            return samples;
        }
    }

    static class Crc32
    {
        static readonly uint[] Table = Made();

        /// Of values as they are sent.
        public static uint Of(float[] values, int count)
        {
            var bytes = new byte[4 * count];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            var crc = 0xffffffff;
            foreach (var one in bytes) crc = crc >> 8 ^ Table[(byte)(crc ^ one)];
            return ~crc;
        }

        static uint[] Made()
        {
            var table = new uint[256];
            for (uint k = 0; k < 256; k++)
            {
                table[k] = k;
                for (var bit = 0; bit < 8; bit++) table[k] = table[k] >> 1 ^ ((table[k] & 1) != 0 ? 0xedb88320 : 0);
            }
            return table;
        }
    }
}
