using System;
using System.Collections.Generic;

namespace FaceRig
{
    /// How a character acts otherwise; what is null stays as it is. See `direct` in PROTOCOL.md.
    public sealed class Direction
    {
        public string Emotion;

        /// Metres: left, up, ahead of the eyes. Or `GazeAt`.
        public double[] Gaze;

        /// "camera" or "none".
        public string GazeAt;

        /// One blink, at that sample.
        public bool Blink;

        /// speak or listen.
        public string Mode;

        /// Of a listener: positive, neutral, negative.
        public string Attitude;

        /// Strength of layers by name, at most 16.
        public Dictionary<string, double> Layers;

        /// A style file's text.
        public string Style;
        public double? TransitionSecs;

        /// Every so many frames of the rate come, from now on: 1, 2 or 4 (far away).
        public int? Detail;

        internal void Write(MsgPackWriter to, int session, long at)
        {
            to.Map(2 + Given(at >= 0) + Given(Emotion != null) + Given(Gaze != null || GazeAt != null)
                   + Given(Blink) + Given(Mode != null) + Given(Attitude != null) + Given(Layers != null)
                   + Given(Style != null) + Given(TransitionSecs.HasValue) + Given(Detail.HasValue));
            to.Pair(Wire.Field.Type, Wire.Tag.Direct);
            to.Pair(Wire.Field.Session, session);
            if (at >= 0) to.Pair(Wire.Field.At, at);
            if (Emotion != null) to.Pair(Wire.Field.Emotion, Emotion);
            WriteGaze(to);
            if (Blink) to.Pair(Wire.Field.Blink, true);
            if (Mode != null) to.Pair(Wire.Field.Mode, Mode);
            if (Attitude != null) to.Pair(Wire.Field.Attitude, Attitude);
            WriteLayers(to);
            if (Style != null) to.Pair(Wire.Field.Style, Style);
            if (TransitionSecs.HasValue) to.Pair(Wire.Field.TransitionSecs, TransitionSecs.Value);
            if (Detail.HasValue) to.Pair(Wire.Field.Detail, Detail.Value);
        }

        /// Throws a FaceRigException for what the service would refuse.
        internal void Check(long at)
        {
            Check(at >= -1 && at <= Wire.Limit.AtMost, Wire.Field.At, "give a sample, or -1 for now");
            Check(Short(Emotion, Wire.Limit.EmotionLongest), Wire.Field.Emotion, "give at most 200 characters");
            Check(Gaze == null || GazeAt == null, Wire.Field.Gaze, "give one of the two");
            Check(Gaze == null || Gaze.Length == 3 && Array.TrueForAll(Gaze, Near), Wire.Field.Gaze,
                  "give three numbers: metres left, up and ahead");
            Check(Short(GazeAt, Wire.Limit.GazeLongest), Wire.Field.Gaze, "give camera or none");
            Check(Mode == null || Array.IndexOf(Wire.Choice.Mode, Mode) >= 0, Wire.Field.Mode,
                  "give speak or listen");
            Check(AreLayersRight(), Wire.Field.Layers, "give at most 16 names with a number each");
            Check(Short(Style, Wire.Limit.StyleLongest), Wire.Field.Style, "give at most 20,000 characters");
            Check(!TransitionSecs.HasValue || TransitionSecs >= Wire.Limit.TransitionSecsLeast
                  && TransitionSecs <= Wire.Limit.TransitionSecsMost, Wire.Field.TransitionSecs, "give 0 to 60");
            Check(!Detail.HasValue || Array.IndexOf(Wire.Choice.Detail, Detail.Value) >= 0, Wire.Field.Detail,
                  "give 1, 2 or 4");
        }

        /// What is set here counts; the rest as in what was told before. A blink is not told again.
        internal Direction After(Direction before)
            => new Direction
            {
                Emotion = Emotion ?? before.Emotion,
                Gaze = GazeAt == null ? Gaze ?? before.Gaze : null,
                GazeAt = Gaze == null ? GazeAt ?? (before.Gaze == null ? before.GazeAt : null) : null,
                Mode = Mode ?? before.Mode,
                Attitude = Attitude ?? before.Attitude,
                Layers = Layers ?? before.Layers,
                Style = Style ?? before.Style,
                TransitionSecs = TransitionSecs ?? before.TransitionSecs,
                Detail = Detail ?? before.Detail,
            };

        internal Direction Copy()
        {
            var copy = (Direction)MemberwiseClone();
            copy.Gaze = Gaze == null ? null : (double[])Gaze.Clone();
            copy.Layers = Layers == null ? null : new Dictionary<string, double>(Layers);
            return copy;
        }

        void WriteGaze(MsgPackWriter to)
        {
            if (GazeAt != null) to.Pair(Wire.Field.Gaze, GazeAt);
            if (Gaze == null) return;
            to.Text(Wire.Field.Gaze);
            to.Array(Gaze.Length);
            foreach (var metres in Gaze) to.Number(metres);
        }

        void WriteLayers(MsgPackWriter to)
        {
            if (Layers == null) return;
            to.Text(Wire.Field.Layers);
            to.Map(Layers.Count);
            foreach (var layer in Layers) to.Pair(layer.Key, layer.Value);
        }

        bool AreLayersRight()
        {
            if (Layers == null) return true;
            foreach (var layer in Layers)
                if (layer.Key.Length > Wire.Limit.NameLongest || !Near(layer.Value)) return false;
            return Layers.Count <= Wire.Limit.LayersMostItems;
        }

        static bool Near(double metres) => metres >= Wire.Limit.GazeLeast && metres <= Wire.Limit.GazeMost;

        static bool Short(string text, int most) => text == null || text.Length <= most;

        static void Check(bool right, string field, string fix)
        {
            if (!right) throw FaceRigException.Config("is no value for it", "direct: " + field, fix);
        }

        static int Given(bool given) => given ? 1 : 0;
    }
}
