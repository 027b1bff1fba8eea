using System;

namespace FaceRig
{
    /// Sound of any clip as a character takes it: mono, at its rate.
    public static class SoundConversion
    {
        const int Lobes = 8; // of the sinc on each side

        /// Interleaved samples to mono, at another rate where it has to be.
        public static float[] ToMono(float[] interleaved, int channels, int fromHz, int toHz)
        {
            if (channels < 1 || fromHz < 1 || toHz < 1)
                throw FaceRigException.Config("is no sound", "ToMono", "give channels and rates above 0");
            var mono = new float[interleaved.Length / channels];
            for (var k = 0; k < mono.Length; k++)
            {
                var sum = 0f;
                for (var channel = 0; channel < channels; channel++) sum += interleaved[k * channels + channel];
                mono[k] = sum / channels;
            }
            return fromHz == toHz ? mono : Resampled(mono, fromHz, toHz);
        }

        // Each sample is the sum of those around it, weighted by a sinc under a raised cosine. So many samples on the places
        // between two others come again, and with them their weights
        static float[] Resampled(float[] sound, int fromHz, int toHz)
        {
            var common = Common(fromHz, toHz);
            int step = fromHz / common, places = toHz / common;
            var weights = new float[places][];
            var reach = (int)Math.Ceiling(Lobes * Math.Max(1, (double)fromHz / toHz));
            var resampled = new float[(long)sound.Length * toHz / fromHz];
            for (var n = 0; n < resampled.Length; n++)
            {
                var place = (int)((long)n * step % places);
                var first = (int)((long)n * step / places) - reach + 1;
                var around = weights[place] ?? (weights[place] = Weights((double)place / places, reach, fromHz, toHz));
                var sum = 0f;
                for (var k = Math.Max(0, -first); k < around.Length && first + k < sound.Length; k++)
                    sum += around[k] * sound[first + k];
                resampled[n] = sum;
            }
            return resampled;
        }

        // Of the samples around a place between two, which together weigh 1
        static float[] Weights(double place, int reach, int fromHz, int toHz)
        {
            var band = Math.Min(1, (double)toHz / fromHz); // what the lower of the two rates can hold
            var weights = new float[2 * reach];
            double sum = 0;
            for (var k = 0; k < weights.Length; k++) sum += Weight((k - reach + 1 - place) * band);
            for (var k = 0; k < weights.Length; k++) weights[k] = (float)(Weight((k - reach + 1 - place) * band) / sum);
            return weights;
        }

        static double Weight(double x)
        {
            if (Math.Abs(x) < 1e-9) return 1;
            if (Math.Abs(x) >= Lobes) return 0;
            return Math.Sin(Math.PI * x) / (Math.PI * x) * (0.5 + 0.5 * Math.Cos(Math.PI * x / Lobes));
        }

        static int Common(int one, int other) => other == 0 ? one : Common(other, one % other);
    }
}
