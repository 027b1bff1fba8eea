using System;
using System.Collections.Generic;
using System.IO;

namespace FaceRig.Tests
{
    /// vectors FOLDER: the jitter buffer does what all libraries do.
    static class Vectors
    {
        const double Near = 0.00001;

        public static int Run(string folder)
        {
            int files = 0, events = 0;
            foreach (var path in Directory.GetFiles(folder, "*.json"))
            {
                var scene = Json.Map(Json.Read(File.ReadAllText(path)));
                events += Play(Path.GetFileName(path), scene);
                files++;
            }
            Console.WriteLine("{\"files\": " + files + ", \"events\": " + events + "}");
            return 0;
        }

        static int Play(string name, Dictionary<string, object> scene)
        {
            var fps = Json.List(scene["fps"]);
            var curves = (int)(long)scene["curves"];
            var playout = new Playout((int)(long)scene["sample_rate"], (int)(long)fps[0], (int)(long)fps[1], new float[curves]);
            var events = Json.List(scene["events"]);
            for (var k = 0; k < events.Count; k++) Do(name + " event " + k, Json.Map(events[k]), playout, curves);
            foreach (var count in Json.Map(scene["counts"]))
            {
                var field = char.ToUpperInvariant(count.Key[0]) + count.Key.Substring(1);
                var counts = playout.Counts;
                var has = (long)typeof(Counts).GetField(field).GetValue(counts);
                Check.That(has == (long)count.Value, name, count.Key + " is " + has + ", not " + count.Value);
            }
            return events.Count;
        }

        static void Do(string where, Dictionary<string, object> one, Playout playout, int curves)
        {
            if (one.ContainsKey("put")) Put(where, one, playout);
            else if (one.ContainsKey("show")) Show(where, Json.Map(one["show"]), Json.Map(one["expect"]), playout, curves);
            else if (one.ContainsKey("interrupted")) playout.Interrupted((int)(long)one["interrupted"]);
            else if (one.ContainsKey("restart")) playout.Restart((int)(long)one["restart"]);
            else
                Check.That(Equals(playout.LateSamples, (long?)one["late_samples"]), where,
                           "late by " + playout.LateSamples + ", not " + one["late_samples"]);
        }

        static void Put(string where, Dictionary<string, object> one, Playout playout)
        {
            var put = Json.Map(one["put"]);
            var again = one.ContainsKey("times");
            var raise = again ? Json.Map(one["raise"]) : null;
            for (long k = 0, times = again ? (long)one["times"] : 1; k < times; k++)
            {
                long index = (long)put["index"] + (again ? k * (long)raise["index"] : 0);
                long sample = (long)put["sample"] + (again ? k * (long)raise["sample"] : 0);
                var bytes = Frames.Packed((int)(long)put["epoch"], index, sample, (int)(long)put["flags"],
                                          Json.List(put["values"]).ConvertAll(Convert.ToSingle));
                FrameHeader header;
                string fault;
                Check.That(FrameHeader.TryRead(bytes, 0, bytes.Length, out header, out fault), where, fault);
                playout.Put(header, bytes);
            }
        }

        static void Show(string where, Dictionary<string, object> asked, Dictionary<string, object> expected, Playout playout,
                         int curves)
        {
            var values = new float[curves];
            var shown = playout.Show((long)asked["now_ns"], (long?)asked["sample"] ?? -1, values);
            Check.That(shown.Index == (long)expected["index"], where, "index " + shown.Index);
            Check.That(shown.State.ToString().ToLowerInvariant() == (string)expected["state"], where, "state " + shown.State);
            var right = Json.List(expected["values"]).ConvertAll(Convert.ToDouble);
            for (var k = 0; k < right.Count; k++)
                Check.That(Math.Abs(values[k] - right[k]) <= Near, where, "value " + values[k] + ", not " + right[k]);
        }
    }

    static class Frames
    {
        /// A frame as the service sends it.
        public static byte[] Packed(int epoch, long index, long sample, int flags, List<float> values)
        {
            using (var stream = new MemoryStream())
            using (var to = new BinaryWriter(stream))
            {
                foreach (var letter in Wire.Frame.Magic) to.Write((byte)letter);
                to.Write((byte)Wire.Version);
                to.Write((byte)flags);
                to.Write((ushort)values.Count);
                to.Write(epoch);
                to.Write(index);
                to.Write(sample);
                foreach (var value in values) to.Write(value);
                to.Flush();
                return stream.ToArray();
            }
        }
    }
}
