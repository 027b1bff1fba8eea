namespace FaceRig
{
    /// One character of a service. Samples are counted from 0 at `Open`, over all its sentences, and never go back.
    /// All of it may be called from any thread, and none of it waits. Calls throw a FaceRigException for what is wrong
    /// with the call; what the service says against it comes as an event.
    public sealed class Character
    {
        readonly Conversation _talk;
        readonly Client _client;

        internal Character(Conversation talk, Client client)
        {
            _talk = talk;
            _client = client;
        }

        public string Subject => _talk.Subject;

        public int SampleRate => _talk.Options.SampleRate;

        /// Whether its session is open at the moment.
        public bool IsOpen { get { lock (_client.Lock) return _talk.Session != 0; } }

        /// Whether nothing more can come; `Reason` says why.
        public bool IsOver { get { lock (_client.Lock) return _talk.IsOver; } }

        public string Reason { get { lock (_client.Lock) return _talk.Reason; } }

        /// What frames mean; null until the session is open.
        public Schema Schema { get { lock (_client.Lock) return _talk.Schema; } }

        public int Epoch { get { lock (_client.Lock) return _talk.Epoch; } }

        /// The look-ahead: a face needs sound that is so much later. 0 until the session is open.
        public long LatencySamples { get { lock (_client.Lock) return _talk.Schema?.LatencySamples ?? 0; } }

        /// By how much the sound that plays must be delayed (a raw tap: a microphone, a mixer) for its faces to come in
        /// time, as measured by `Show`; negative: so much is in hand; null: not known yet.
        public long? LateSamples { get { lock (_client.Lock) return _talk.Playout?.LateSamples; } }

        /// The sample of the newest face with sound; -1 before any.
        public long AheadSamples { get { lock (_client.Lock) return _talk.Playout?.AheadSamples ?? -1; } }

        public Counts Counts { get { lock (_client.Lock) return _talk.Playout?.Counts ?? default(Counts); } }

        /// The sample that the next sound begins at.
        public long End { get { lock (_client.Lock) return _talk.Out.End; } }

        /// Seconds of sound that are yet to be sent.
        public double WaitingSecs { get { lock (_client.Lock) return _talk.Out.WaitingSecs; } }

        /// Whether everything that was said, up to the last flush, has come back as faces.
        public bool IsSilent { get { lock (_client.Lock) return _talk.IsSilent; } }

        /// Speaks sound, 16-bit mono. It is sent as fast as the service wants it. flush: the sentence ends here. Gives
        /// the sample that it begins at.
        public long SaySound(short[] samples, int offset, int count, bool flush)
        {
            CheckRange(samples?.Length ?? 0, offset, count);
            lock (_client.Lock)
            {
                CheckUsable();
                return Said(_talk.Out.Add(samples, offset, count), flush);
            }
        }

        /// The same for samples in [-1, 1].
        public long SaySound(float[] samples, int offset, int count, bool flush)
        {
            CheckRange(samples?.Length ?? 0, offset, count);
            lock (_client.Lock)
            {
                CheckUsable();
                return Said(_talk.Out.Add(samples, offset, count), flush);
            }
        }

        /// The sentence is over.
        public void Flush()
        {
            lock (_client.Lock)
            {
                CheckUsable();
                _talk.Flush();
                _client.Wake();
            }
        }

        /// Speaks a text with the service's voice, where it has one; the sound comes from `TryTake`.
        public void Say(string text, string voice = "")
        {
            if (string.IsNullOrEmpty(text) || text.Length > Wire.Limit.TextLongest || voice.Length > Wire.Limit.VoiceLongest)
                throw FaceRigException.Config("is no text to say", "Say", "give 1 to 20,000 characters");
            lock (_client.Lock)
            {
                CheckUsable();
                _talk.Say(text, voice);
                _client.Wake();
            }
        }

        /// Changes how the character acts, from a sample on; -1: now.
        public void Direct(Direction direction, long at = -1)
        {
            direction.Check(at);
            lock (_client.Lock)
            {
                CheckUsable();
                _talk.Direct(at, direction.Copy());
                _client.Wake();
            }
        }

        /// Stops speaking now: the mouth comes to rest, what was not played is dropped here and there.
        public void Interrupt()
        {
            lock (_client.Lock)
            {
                CheckUsable();
                _talk.Interrupt();
                _client.Wake();
            }
        }

        /// The face for the sample that plays now, between frames as well; -1: no sound plays. Ask once a picture. False
        /// before the session is open. into: a value for each curve of the schema.
        public bool Show(long sample, float[] into, out Shown shown)
        {
            lock (_client.Lock)
            {
                shown = default(Shown);
                if (_talk.Playout == null || into.Length != _talk.Schema.Curves.Length) return false;
                shown = _talk.Show(sample, Clock.NowNs(), into);
                return true;
            }
        }

        /// How many frames are kept for `TryTake`, beside the jitter buffer; 0: none.
        public void KeepFrames(int most)
        {
            lock (_client.Lock) _talk.News.MostFrames = most;
        }

        /// The next frame as it came, also of silence.
        public bool TryTake(Frame into)
        {
            lock (_client.Lock) return _talk.News.TryTake(into);
        }

        /// What happened next.
        public bool TryTake(out CharacterEvent one)
        {
            lock (_client.Lock) return _talk.News.TryTake(out one);
        }

        /// The next piece of sound of a text that the service speaks.
        public bool TryTake(out SpokenSound one)
        {
            lock (_client.Lock) return _talk.News.TryTake(out one);
        }

        /// Ends the session once all sound is sent.
        public void Close()
        {
            lock (_client.Lock)
            {
                _talk.Close();
                _client.Wake();
            }
        }

        /// Ends it now: sound that was not sent stays unsent.
        public void Abandon()
        {
            lock (_client.Lock)
            {
                _talk.Abandon();
                _client.Wake();
            }
        }

        long Said(long begins, bool flush)
        {
            if (flush) _talk.Flush();
            _client.Wake();
            return begins;
        }

        void CheckUsable()
        {
            if (_talk.IsOver)
                throw FaceRigException.Config("its session is over (" + _talk.Reason + ")", Subject, "open it again");
        }

        static void CheckRange(int length, int offset, int count)
        {
            if (offset < 0 || count < 0 || offset > length - count)
                throw FaceRigException.Config("the samples do not hold these", "SaySound", "give an offset and a count within");
        }
    }
}
