using System;

namespace FaceRig.Tests
{
    /// sound: what is sent is what was given, another rate is the same sound, and the clock of a player that tells its
    /// place in steps runs smoothly.
    static class Hearing
    {
        const int RateHz = 48000;

        public static int Run()
        {
            Encoded();
            Converted();
            Clocked();
            Outgoing();
            Console.WriteLine("{\"sound\": 4}");
            return 0;
        }

        static void Encoded()
        {
            var whole = new Outbox("s16", 16000);
            whole.Add(new float[] { 0, 1, -1, 0.5f, 2, 1f / 32767 }, 0, 6);
            whole.Add(new short[] { 7, -32768, 32767 }, 1, 2);
            var expected = new short[] { 0, 32767, -32767, 16384, 32767, 1, -32768, 32767 };
            for (var k = 0; k < expected.Length; k++)
                Check.That((short)Bits.Little(whole.Sound, 2 * k, 2) == expected[k], "s16", "sample " + k);
            var single = new Outbox("f32", 16000);
            single.Add(new short[] { -16384 }, 0, 1);
            single.Add(new[] { 0.25f, 3f }, 0, 2);
            Check.That(BitConverter.ToSingle(single.Sound, 0) == -0.5f && BitConverter.ToSingle(single.Sound, 4) == 0.25f
                       && BitConverter.ToSingle(single.Sound, 8) == 1, "f32", "other samples");
            try
            {
                whole.Add(new[] { float.NaN }, 0, 1);
                throw new Failed("NaN is taken as sound");
            }
            catch (FaceRigException) { } // as it should be
            Check.That(whole.End == 8, "s16", "what was refused was kept");
        }

        // A tone stays the same tone, in place; what the lower rate cannot hold is gone
        static void Converted()
        {
            foreach (var rates in new[] { new[] { 44100, 48000 }, new[] { 48000, 16000 }, new[] { 22050, 48000 } })
            {
                var mono = SoundConversion.ToMono(Tone(1000, rates[0], 2), 2, rates[0], rates[1]);
                Check.That(mono.Length == rates[1] / 2, "tone", mono.Length + " samples");
                for (var k = 100; k < mono.Length - 100; k++)
                    Check.That(Math.Abs(mono[k] - Math.Sin(2 * Math.PI * 1000 * k / rates[1])) < 0.01, "tone", "sample " + k);
            }
            var high = SoundConversion.ToMono(Tone(15000, 48000, 1), 1, 48000, 16000);
            for (var k = 100; k < high.Length - 100; k++) Check.That(Math.Abs(high[k]) < 0.01, "high tone", "is heard");
        }

        // Half a second, the same on every channel
        static float[] Tone(double hz, int rate, int channels)
        {
            var tone = new float[rate / 2 * channels];
            for (var k = 0; k < tone.Length; k++) tone[k] = (float)Math.Sin(2 * Math.PI * hz * (k / channels) / rate);
            return tone;
        }

        // A player with buffers of 1024 samples, 60 pictures a second
        static void Clocked()
        {
            var clock = new PlaybackClock(RateHz);
            double secs = 0, before = 0, smallest = 1e9, largest = 0, off = 0;
            for (var picture = 0; picture < 1200; picture++, secs = picture / 60.0)
            {
                var sounding = secs * RateHz * 1.0001; // a sound card is never quite right
                clock = clock.Next(Math.Floor(sounding / 1024) * 1024, 1, secs);
                if (picture > 60)
                {
                    smallest = Math.Min(smallest, clock.Sample - before);
                    largest = Math.Max(largest, clock.Sample - before);
                    off = Math.Max(off, Math.Abs(sounding - 512 - clock.Sample));
                }
                before = clock.Sample;
            }
            Check.That(smallest > 700 && largest < 900, "clock", "steps of " + smallest + " to " + largest + ", not 800");
            Check.That(off < 400, "clock", "is " + off + " samples off");
            var paused = clock.Next(clock.Sample, 0, secs).Next(clock.Sample, 0, secs + 5);
            Check.That(paused.Sample == clock.Sample, "clock", "runs on in a pause");
            var sought = clock.Next(1000, 1, secs);
            Check.That(sought.Sample == 1000, "clock", "does not follow a seek");
        }

        // What was not received is sent again, in order; a flush too
        static void Outgoing()
        {
            var box = new Outbox("s16", 8000);
            Outbox.Piece piece;
            box.Add(new short[3000], 0, 3000);
            box.Flush();
            var sent = "";
            while (box.TryTake(2500, out piece)) sent += piece.At + ":" + piece.Count + " ";
            while (box.TryTake(9000, out piece)) sent += piece.At + ":" + piece.Count + " ";
            Check.That(sent == "0:4000 2000:1000 2500:1000 3000:0 ", "outbox", sent);
            box.SendAgain(2000);
            sent = "";
            while (box.TryTake(9000, out piece)) sent += piece.At + ":" + piece.Count + " ";
            Check.That(sent == "2000:2000 3000:0 ", "outbox", sent);
            box.Add(new short[9000], 0, 9000);
            while (box.TryTake(12000, out piece)) { }
            box.Forget(12000, 11000);
            Check.That(box.First == 11000 && box.End == 12000, "outbox", "keeps from " + box.First);
            Check.That(box.Skip(15000) == 3000 && box.End == 15000, "outbox", "does not make room for a voice");
        }
    }
}
