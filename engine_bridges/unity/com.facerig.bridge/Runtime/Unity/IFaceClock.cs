namespace FaceRig.Unity
{
    /// What a face follows: a component beside the character that sends its sound and knows which sample plays.
    public interface IFaceClock
    {
        /// How its session is opened: burst where sound is known ahead, realtime where it comes as it is spoken.
        string Pace { get; }

        /// The character's sample that is heard now; -1 while none is.
        long SamplePlaying { get; }

        /// The session has begun, or another one goes on with the character.
        void Begin(Character character);

        /// What was not heard yet shall not be.
        void Stop();
    }
}
