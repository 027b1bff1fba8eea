namespace FaceRig
{
    public enum CharacterEventKind
    {
        /// A session is open; its schema is known.
        Opened,

        /// The connection broke, or the service stopped. The session goes on when there is another.
        Lost,

        /// The session goes on. `At`: sound was received up to there.
        Resumed,

        /// The epoch rose; new sound begins at `At`.
        Interrupted,

        /// It is over; see `Reason`.
        Closed,

        /// Something could not be done; see `Problem`.
        Problem,
    }

    /// What happened to a character. Samples are the service's.
    public struct CharacterEvent
    {
        public CharacterEventKind Kind;
        public int Epoch;
        public long At;
        public string Reason;
        public FaceRigException Problem;

        /// Events and frames of a character are counted together, in the order in which they came.
        public long Order;
    }

    /// Sound of the service's voice: 16-bit mono, from sample `At` of the character's sound on; `Last` of its text.
    public sealed class SpokenSound
    {
        public long At;
        public short[] Samples;
        public bool Last;
    }
}
