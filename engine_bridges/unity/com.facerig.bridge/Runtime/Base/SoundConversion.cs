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

        // Each sample is the sum of those around it, weighted by a sinc under a raised cosine
        static float[] Resampled(float[] sound, int fromHz, int toHz)
        {
            var resampled = new float[(long)sound.Length * toHz / fromHz];
            var band = Math.Min(1, (double)toHz / fromHz); // what the lower of the two rates can hold
            var reach = Lobes / band;
            for (var n = 0; n < resampled.Length; n++)
            {
                var centre = (double)n * fromHz / toHz;
                var first = (int)Math.Max(0, Math.Ceiling(centre - reach));
                var last = (int)Math.Min(sound.Length - 1, Math.Floor(centre + reach));
                double sum = 0, weights = 0;
                for (var k = first; k <= last; k++)
                {
                    var weight = Weight((k - centre) * band);
                    sum += weight * sound[k];
                    weights += weight;
                }
                resampled[n] = (float)(weights > 0 ? sum / weights : 0);
            }
            return resampled;
        }

        static double Weight(double x)
        {
            if (Math.Abs(x) < 1e-9) return 1;
            return Math.Sin(Math.PI * x) / (Math.PI * x) * (0.5 + 0.5 * Math.Cos(Math.PI * x / Lobes));
        }
    }
}
