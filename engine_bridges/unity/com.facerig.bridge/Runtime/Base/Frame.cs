using System;

namespace FaceRig
{
    /// A frame that is kept, to be used again: `Values` may be longer than `Count`.
    public sealed class Frame
    {
        public int Epoch, Flags, Step, Count;
        public long Index;

        /// Of the character's sound, as the client counts it; -1 in silence that nobody sent.
        public long Sample;

        /// The same as the service counts it, and as it was sent.
        public long ServiceSample;
        public float[] Values = new float[0];

        /// Events and frames of a character are counted together, in the order in which they came.
        public long Order;

        public bool IsLast => (Flags & Wire.Frame.Last) != 0;

        internal void Set(in FrameHeader header, byte[] data, long shift)
        {
            Epoch = header.Epoch;
            Flags = header.Flags;
            Step = header.Step;
            Count = header.Count;
            Index = header.Index;
            ServiceSample = header.Sample;
            Sample = header.Sample < 0 ? Wire.Frame.Silence : header.Sample + shift;
            if (Values.Length < Count) Values = new float[Count];
            header.CopyValues(data, Values);
        }

        internal void Set(Frame other)
        {
            Epoch = other.Epoch;
            Flags = other.Flags;
            Step = other.Step;
            Count = other.Count;
            Index = other.Index;
            ServiceSample = other.ServiceSample;
            Sample = other.Sample;
            Order = other.Order;
            if (Values.Length < Count) Values = new float[Count];
            Array.Copy(other.Values, Values, Count);
        }
    }
}
