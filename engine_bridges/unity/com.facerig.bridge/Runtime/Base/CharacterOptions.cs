using System;
using System.Text.RegularExpressions;

namespace FaceRig
{
    /// How a session is opened; what is not set is as the service has it. See `open` in PROTOCOL.md.
    public sealed class CharacterOptions
    {
        static readonly Regex SubjectName = Strict(Wire.Limit.SubjectPattern), RigName = Strict(Wire.Limit.RigPattern);

        /// Of the sound, Hz: 8000 to 48000.
        public int SampleRate = Wire.Absent.OpenSampleRate;

        /// s16 or f32, as sound travels. Half the bytes, and nothing that a face could show is lost: s16.
        public string Encoding = Wire.Absent.OpenEncoding;

        /// Frames a second: 60, 29.97, 30000/1001.
        public string Fps = Wire.Absent.OpenFps;

        /// Whose curves come: livelink, arkit, metahuman, vrm, ...
        public string Rig = Wire.Absent.OpenRig;

        /// realtime: frames come when their sound plays; burst: as soon as they are computed.
        public string Pace = Wire.Absent.OpenPace;
        public string Model = Wire.Absent.OpenModel;

        /// Of the character's chance: the same seed and sound give the same face.
        public long Seed;

        /// speak, or listen: whose voice the sound is.
        public string Mode = Wire.Absent.OpenMode;

        /// joy:0.6, a mixture, or plain words.
        public string Emotion = "";

        /// Frames come in silence too: blinks, glances, breath.
        public bool Alive = Wire.Absent.OpenAlive != 0;

        /// Every so many frames of the rate come: 1, 2 or 4.
        public int Detail = Wire.Absent.OpenDetail;

        internal CharacterOptions Copy() => (CharacterOptions)MemberwiseClone();

        internal void Write(MsgPackWriter to, string subject)
        {
            var absent = new CharacterOptions();
            to.Map(2 + (SampleRate != absent.SampleRate ? 1 : 0) + Given(Encoding, absent.Encoding)
                   + Given(Fps, absent.Fps) + Given(Rig, absent.Rig) + Given(Pace, absent.Pace)
                   + Given(Model, absent.Model) + (Seed != 0 ? 1 : 0) + Given(Mode, absent.Mode)
                   + Given(Emotion, "") + (Alive ? 0 : 1) + (Detail != absent.Detail ? 1 : 0));
            to.Pair(Wire.Field.Type, Wire.Tag.Open);
            to.Pair(Wire.Field.Subject, subject);
            if (SampleRate != absent.SampleRate) to.Pair(Wire.Field.SampleRate, SampleRate);
            if (Encoding != absent.Encoding) to.Pair(Wire.Field.Encoding, Encoding);
            if (Fps != absent.Fps) to.Pair(Wire.Field.Fps, Fps);
            if (Rig != absent.Rig) to.Pair(Wire.Field.Rig, Rig);
            if (Pace != absent.Pace) to.Pair(Wire.Field.Pace, Pace);
            if (Model != absent.Model) to.Pair(Wire.Field.Model, Model);
            if (Seed != 0) to.Pair(Wire.Field.Seed, Seed);
            if (Mode != absent.Mode) to.Pair(Wire.Field.Mode, Mode);
            if (Emotion != "") to.Pair(Wire.Field.Emotion, Emotion);
            if (!Alive) to.Pair(Wire.Field.Alive, Alive);
            if (Detail != absent.Detail) to.Pair(Wire.Field.Detail, Detail);
        }

        /// Throws a FaceRigException for what the service would refuse.
        internal void Check(string subject)
        {
            Check(IsSubject(subject), Wire.Field.Subject,
                  "give a name of 1 to 64 characters without slashes or control characters");
            Check(SampleRate >= Wire.Limit.SampleRateLeast && SampleRate <= Wire.Limit.SampleRateMost,
                  Wire.Field.SampleRate, "give 8000 to 48000");
            Check(Encoding == "s16" || Encoding == "f32", Wire.Field.Encoding, "give s16 or f32");
            Check(Fps != null && Fps.Length > 0 && Fps.Length <= Wire.Limit.FpsLongest, Wire.Field.Fps,
                  "give 60, 29.97 or 30000/1001");
            Check(Rig != null && Rig.Length <= Wire.Limit.RigLongest && RigName.IsMatch(Rig), Wire.Field.Rig,
                  "give the name of a rig: arkit, livelink, vrm, ...");
            Check(Array.IndexOf(Wire.Choice.Pace, Pace) >= 0, Wire.Field.Pace, "give realtime or burst");
            Check(Array.IndexOf(Wire.Choice.Model, Model) >= 0, Wire.Field.Model, "give live or live-40");
            Check(Seed >= 0, Wire.Field.Seed, "give 0 or more");
            Check(Array.IndexOf(Wire.Choice.Mode, Mode) >= 0, Wire.Field.Mode, "give speak or listen");
            Check(Emotion != null && Emotion.Length <= Wire.Limit.EmotionLongest, Wire.Field.Emotion,
                  "give at most 200 characters");
            Check(Array.IndexOf(Wire.Choice.Detail, Detail) >= 0, Wire.Field.Detail, "give 1, 2 or 4");
        }

        internal static bool IsSubject(string text)
            => text != null && text.Length <= 2 * Wire.Limit.SubjectLongest && SubjectName.IsMatch(text);

        static void Check(bool right, string field, string fix)
        {
            if (!right) throw FaceRigException.Config("is no value for it", "open: " + field, fix);
        }

        // In .NET a $ also stands before a last line feed
        static Regex Strict(string pattern) => new Regex(pattern.Substring(0, pattern.Length - 1) + @"\z");

        static int Given(string value, string absent) => value != absent ? 1 : 0;
    }
}
