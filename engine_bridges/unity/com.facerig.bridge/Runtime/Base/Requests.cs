namespace FaceRig
{
    /// The messages of clients, as bytes.
    public static class Requests
    {
        public static void Open(MsgPackWriter to, string subject, CharacterOptions options)
        {
            options.Check(subject);
            options.Write(to, subject);
        }

        public static void Resume(MsgPackWriter to, string token)
        {
            to.Map(2);
            to.Pair(Wire.Field.Type, Wire.Tag.Resume);
            to.Pair(Wire.Field.Token, token);
        }

        public static void Audio(MsgPackWriter to, int session, int epoch, long at, byte[] sound, int offset,
                                 int count)
        {
            to.Map(epoch > 0 ? 5 : 4);
            to.Pair(Wire.Field.Type, Wire.Tag.Audio);
            to.Pair(Wire.Field.Session, session);
            if (epoch > 0) to.Pair(Wire.Field.Epoch, epoch);
            to.Pair(Wire.Field.At, at);
            to.Text(Wire.Field.Data);
            to.Bytes(sound, offset, count);
        }

        /// at: a sample of the sound; -1: now.
        public static void Direct(MsgPackWriter to, int session, long at, Direction direction)
        {
            direction.Check(at);
            direction.Write(to, session, at);
        }

        public static void Say(MsgPackWriter to, int session, string text, string voice)
        {
            to.Map(voice.Length > 0 ? 4 : 3);
            to.Pair(Wire.Field.Type, Wire.Tag.Say);
            to.Pair(Wire.Field.Session, session);
            to.Pair(Wire.Field.Text, text);
            if (voice.Length > 0) to.Pair(Wire.Field.Voice, voice);
        }

        /// Interrupt, flush or close.
        public static void OfSession(MsgPackWriter to, string tag, int session)
        {
            to.Map(2);
            to.Pair(Wire.Field.Type, tag);
            to.Pair(Wire.Field.Session, session);
        }

        public static void Ping(MsgPackWriter to, long number)
        {
            to.Map(number != 0 ? 2 : 1);
            to.Pair(Wire.Field.Type, Wire.Tag.Ping);
            if (number != 0) to.Pair(Wire.Field.Number, number);
        }

        public static void Statistics(MsgPackWriter to)
        {
            to.Map(1);
            to.Pair(Wire.Field.Type, Wire.Tag.Statistics);
        }
    }
}
