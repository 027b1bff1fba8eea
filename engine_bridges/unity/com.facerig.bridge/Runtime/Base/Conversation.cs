using System;
using System.Collections.Generic;
using System.Text;

namespace FaceRig
{
    // One character as a client sees it, without a socket: what to send when, and what answers mean. Samples are
    // counted by the client: an interruption or another session begins a new stretch of the service's own count, and
    // `_base` says where. Sound stays in the outbox until it need not be sent again. One thread at a time.
    sealed class Conversation
    {
        const int MostDirections = 64; // that are told again to a session that takes over

        public readonly string Subject;
        public readonly byte[] Topic;
        public readonly CharacterOptions Options;
        public readonly Outbox Out;
        public readonly News News = new News();

        public int Session; // 0: none is open
        public string Token = "", Reason = ""; // why it is over
        public Schema Schema;
        public Playout Playout;
        public int Epoch;

        readonly List<Told> _directions = new List<Told>(), _told = new List<Told>(); // to send; sent
        readonly List<Text> _texts = new List<Text>(); // to say
        long _base; // the client's sample that the session's sample 0 is
        long _received, _limit, _credit;
        long _faced; // faces came for the sound before this sample
        long _played = -1; // the sample that the user asked for last
        long? _awaited; // the last flush, until its frames came
        bool _pulled; // by `Show`
        bool _closing, _closeSent, _interrupting, _interruptSent;
        int _reciting; // texts that the service is speaking: own sound waits for their end

        public Conversation(string subject, CharacterOptions options)
        {
            Subject = subject;
            Topic = Encoding.UTF8.GetBytes(subject + "\0");
            Options = options;
            Out = new Outbox(options.Encoding, options.SampleRate);
        }

        public bool IsOver => Reason.Length > 0;

        /// Whether everything that was said, up to the last flush, has come back as frames.
        public bool IsSilent => !_awaited.HasValue && Out.IsEmpty && _texts.Count == 0 && _reciting == 0;

        #region What the user wants

        public void Flush() => _awaited = Out.Flush();

        public void Say(string text, string voice) => _texts.Add(new Text { After = Out.End, What = text, Voice = voice });

        public void Direct(long at, Direction direction) => _directions.Add(new Told { At = at, Direction = direction });

        public void Interrupt()
        {
            Drop();
            News.DropSound();
            if (_interrupting || Session == 0 && Token.Length == 0) return; // one is on its way, or nobody heard anything
            _interrupting = true;
            _interruptSent = false;
            if (Playout != null) Playout.Interrupted(Epoch + 1);
        }

        /// Ends it once all sound was sent.
        public void Close() => _closing = true;

        /// Ends it now: sound that was not sent stays unsent.
        public void Abandon()
        {
            Drop();
            Close();
        }

        public Shown Show(long sample, long nowNs, float[] into)
        {
            _pulled = true;
            _played = Math.Max(_played, sample);
            return Playout.Show(nowNs, sample, into);
        }

        void Drop()
        {
            Out.Drop();
            _texts.Clear();
            _reciting = 0;
            _awaited = null;
        }

        #endregion

        #region What goes out

        /// The message that opens the session, or takes it over.
        public void Greet(Outgoing to)
        {
            if (Token.Length > 0) Requests.Resume(to.Next(), Token);
            else Options.Write(to.Next(), Subject);
        }

        /// What may be sent now; it counts as sent.
        public void SendDue(Outgoing to)
        {
            if (Session == 0 || IsOver) return;
            if (_interrupting)
            {
                if (!_interruptSent) Requests.OfSession(to.Next(), Wire.Tag.Interrupt, Session);
                _interruptSent = true;
                return;
            }
            foreach (var one in _directions)
            {
                _told.Add(one);
                Requests.Direct(to.Next(), Session, one.At < 0 ? -1 : Math.Max(0, one.At - _base), one.Direction);
            }
            _directions.Clear();
            if (_told.Count > MostDirections) _told.RemoveRange(0, _told.Count - MostDirections);
            SendSound(to);
            if (!_closing || _reciting > 0 || _closeSent || !Out.IsEmpty) return;
            _closeSent = true;
            Requests.OfSession(to.Next(), Wire.Tag.Close, Session);
        }

        // Sound, up to the next text, and that text: what was said first is heard first
        void SendSound(Outgoing to)
        {
            Outbox.Piece piece;
            var limit = _texts.Count > 0 ? Math.Min(_limit, _texts[0].After) : _limit;
            while (_reciting == 0 && Out.TryTake(limit, out piece))
                if (piece.Count == 0) Requests.OfSession(to.Next(), Wire.Tag.Flush, Session);
                else Requests.Audio(to.Next(), Session, Epoch, piece.At - _base, Out.Sound, piece.Offset, piece.Count);
            while (_texts.Count > 0 && _texts[0].After <= Out.Sent)
            {
                Requests.Say(to.Next(), Session, _texts[0].What, _texts[0].Voice);
                _texts.RemoveAt(0);
                _reciting++;
            }
        }

        #endregion

        #region What comes in

        public void Opened(Reply answer)
        {
            var goesOn = answer.Token == Token;
            if (!goesOn) BeginAnew();
            Session = answer.Session;
            Token = answer.Token;
            ShowAs(answer, goesOn);
            if (_interrupting && answer.Epoch > Epoch) Interrupted(answer.Epoch, answer.Received);
            Epoch = answer.Epoch;
            _interruptSent = false;
            _reciting = 0; // whether its end came is not known
            _received = _base + answer.Received;
            _credit = Math.Max(_credit, answer.Credit);
            _limit = _received + answer.Credit;
            Out.SendAgain(_received);
            TellAgain();
            News.Add(goesOn ? CharacterEventKind.Resumed : CharacterEventKind.Opened, Epoch, answer.Received);
        }

        void ShowAs(Reply answer, bool goesOn)
        {
            if (Playout == null || !answer.Schema.Equals(Schema))
            {
                Schema = answer.Schema;
                Playout = new Playout(Schema.SampleRate, Schema.FpsNumerator, Schema.FpsDenominator, Schema.Rest());
                Playout.Interrupted(answer.Epoch);
            }
            else if (!goesOn) Playout.Restart(answer.Epoch);
        }

        // The next session hears the sound that has no face yet; what was played is not played again
        void BeginAnew()
        {
            _base = _faced = Math.Min(Math.Max(Out.First, Needed), Out.End);
            _interrupting = false;
        }

        // A session that takes over must know what was told before
        void TellAgain()
        {
            var past = new Direction();
            var any = false;
            var again = new List<Told>();
            foreach (var one in _told)
                if (one.At >= Out.Sent) again.Add(one);
                else
                {
                    past = one.Direction.After(past);
                    any = true;
                }
            if (any) again.Insert(0, new Told { At = -1, Direction = past });
            _told.Clear();
            _directions.InsertRange(0, again);
        }

        public void Progressed(Reply answer)
        {
            if (answer.Epoch != Epoch || _interrupting) return;
            _received = Math.Max(_received, _base + answer.Received);
            _limit = _base + answer.Received + answer.Credit;
            Out.Forget(_received, Needed);
        }

        /// From here on the new epoch counts; its sound goes on where the client stopped.
        public void Interrupted(int epoch, long at)
        {
            if (epoch <= Epoch) return;
            Epoch = epoch;
            _base = Out.First - at;
            _received = _faced = Out.First; // nothing waits there
            _limit = Out.First + _credit;
            _interrupting = false;
            Playout.Interrupted(epoch);
            News.Add(CharacterEventKind.Interrupted, epoch, at);
        }

        /// The service spoke: the sound counts as the client's, which goes on behind it.
        public void Heard(Reply answer)
        {
            if (answer.Epoch != Epoch || _interrupting || answer.Data.Count % 2 != 0) return;
            var end = News.AddSound(_base + answer.At, answer.Data, answer.Last);
            var yet = _awaited > Out.Sent;
            var further = Out.Skip(end);
            if (yet) _awaited += further;
            for (var k = 0; k < _texts.Count; k++)
                _texts[k] = new Text { After = _texts[k].After + further, What = _texts[k].What, Voice = _texts[k].Voice };
            if (!answer.Last) return;
            _reciting = Math.Max(0, _reciting - 1);
            _awaited = Math.Max(_awaited ?? 0, end);
        }

        public void Framed(in FrameHeader frame, byte[] data)
        {
            if (Playout == null || IsOver || !Playout.Put(frame, data, _base)) return;
            if (frame.Sample >= 0) _faced = Math.Max(_faced, frame.Sample + _base + FrameSamples);
            if (_awaited <= Out.Sent && _faced >= _awaited - FrameSamples && (frame.IsLast || frame.Sample < 0))
                _awaited = null; // the last of it, or life after it
            News.AddFrame(frame, data, _base);
        }

        public void Ended(string reason)
        {
            Reason = reason;
            Session = 0;
            Token = "";
            News.Add(CharacterEventKind.Closed, Epoch, 0, reason);
        }

        public void Refused(Reply answer)
        {
            if (answer.Code == "voice") _reciting = 0;
            var where = answer.Where.Length > 0 ? answer.Where : Subject;
            News.Add(new FaceRigException(answer.Code, answer.What, where, answer.Fix));
        }

        /// The connection is gone; the token stays.
        public void Lost()
        {
            if (Session != 0) News.Add(CharacterEventKind.Lost, Epoch, 0);
            Session = 0;
            _closeSent = false;
        }

        #endregion

        // Sound before this sample need not be kept
        long Needed => _pulled ? _played : _faced;

        // Samples of a frame, about
        long FrameSamples => (long)Schema.SampleRate * Schema.FpsDenominator / Schema.FpsNumerator;

        struct Told
        {
            public long At; // -1: when it was told
            public Direction Direction;
        }

        struct Text
        {
            public long After; // this sound
            public string What, Voice;
        }
    }
}
