using System;
using System.Collections.Generic;

namespace FaceRig
{
    // A client's side of one service, without sockets: who is opened when, whose an answer is, what a loss means. One
    // `open` or `resume` is under way at a time, so that an answer without a session is known to be its own. One thread
    // at a time; the clock never goes back.
    sealed class Link
    {
        const long Ms = 1000000; // ns

        readonly Dictionary<ArraySegment<byte>, Conversation> _byTopic
            = new Dictionary<ArraySegment<byte>, Conversation>(new SameBytes());
        readonly List<Conversation> _all = new List<Conversation>(), _queue = new List<Conversation>();
        readonly HashSet<Conversation> _heard = new HashSet<Conversation>(); // something came of them as curves
        readonly Dictionary<Conversation, long> _deaf = new Dictionary<Conversation, long>(); // the others, since when
        readonly List<Conversation> _gone = new List<Conversation>();
        Conversation _greeted;
        long _retryNs;
        long _pingNs = -1;
        bool _askStatistics;

        public IList<Conversation> All => _all;
        public Dictionary<string, double> Figures { get; private set; }

        /// Messages that could not be read, and how often the connection was lost.
        public long Garbage { get; private set; }
        public long Losses { get; private set; }

        public void Open(Conversation talk)
        {
            var topic = new ArraySegment<byte>(talk.Topic);
            if (_byTopic.ContainsKey(topic))
                throw FaceRigException.Config(talk.Subject + " is open already", "open: subject",
                                              "close it, or choose another name");
            _byTopic.Add(topic, talk);
            _all.Add(talk);
            _queue.Add(talk);
        }

        public void Forget(Conversation talk)
        {
            _byTopic.Remove(new ArraySegment<byte>(talk.Topic));
            _all.Remove(talk);
            _queue.Remove(talk);
            _heard.Remove(talk);
            _deaf.Remove(talk);
            if (_greeted == talk) _greeted = null;
            _gone.Add(talk);
        }

        public void AskStatistics()
        {
            _askStatistics = true;
            Figures = null;
        }

        /// The next one whose frames are no longer wanted.
        public bool TryTakeGone(out Conversation talk)
        {
            talk = _gone.Count > 0 ? _gone[_gone.Count - 1] : null;
            if (talk != null) _gone.RemoveAt(_gone.Count - 1);
            return talk != null;
        }

        /// What may be sent now; it counts as sent.
        public void SendDue(Outgoing to, long nowNs, bool mayGreet)
        {
            if (_askStatistics) Requests.Statistics(to.Next());
            _askStatistics = false;
            while (mayGreet && _greeted == null && _queue.Count > 0 && nowNs >= _retryNs)
            {
                var talk = _queue[0];
                _queue.RemoveAt(0);
                if (talk.IsOver) continue;
                _greeted = talk;
                talk.Greet(to);
            }
            for (var k = _all.Count - 1; k >= 0; k--)
            {
                long since;
                var talk = _all[k];
                if (!_deaf.TryGetValue(talk, out since) || nowNs - since >= Wire.Client.SchemaWaitMs * Ms) talk.SendDue(to);
                if (talk.IsOver) Forget(talk);
            }
            if (_pingNs < 0) _pingNs = nowNs;
            if (nowNs - _pingNs >= Wire.Client.PingMs * Ms)
            {
                Requests.Ping(to.Next(), 0);
                _pingNs = nowNs;
            }
            to.Finish();
        }

        /// What came from the control socket; null: it could not be read.
        public void Answered(Reply answer, long nowNs)
        {
            if (answer == null) Garbage++;
            else if (answer.Kind == ReplyKind.Statistics) Figures = answer.Figures;
            else if (answer.Kind == ReplyKind.Opened) Opened(answer, nowNs);
            else if (answer.Kind == ReplyKind.Error && answer.Session == 0) NotOpened(answer, nowNs);
            else if (answer.Kind != ReplyKind.Pong) Told(answer, nowNs);
        }

        /// What came from the curves' socket. True where something may be sent now that had to wait.
        public bool Published(ArraySegment<byte> topic, ArraySegment<byte> data, in FrameHeader frame, bool isFrame)
        {
            Conversation talk;
            if (!_byTopic.TryGetValue(topic, out talk)) return false;
            if (isFrame) talk.Framed(frame, data.Array);
            _heard.Add(talk);
            return _deaf.Remove(talk);
        }

        /// A curves' message could not be read.
        public void Unreadable() => Garbage++;

        /// The connection is gone: everybody is taken over, by token, once there is another.
        public void Lost(long nowNs)
        {
            Losses++;
            _queue.Clear();
            foreach (var talk in _all)
            {
                talk.Lost();
                if (!talk.IsOver) _queue.Add(talk);
            }
            _greeted = null;
            _retryNs = nowNs;
            _deaf.Clear();
            _heard.Clear();
        }

        void Opened(Reply answer, long nowNs)
        {
            var talk = _all.Find(one => one.Subject == answer.Schema.Subject);
            if (talk == null || talk.Session != 0 || talk.IsOver)
            {
                Garbage++;
                return;
            }
            if (_greeted == talk) _greeted = null;
            else _queue.Remove(talk);
            talk.Opened(answer);
            if (!_heard.Contains(talk)) _deaf[talk] = nowNs;
        }

        void NotOpened(Reply answer, long nowNs)
        {
            var talk = _greeted;
            _greeted = null;
            if (talk == null) Garbage++;
            else if (answer.Code == Wire.Client.Later) Retry(talk, nowNs);
            else if (talk.Token.Length > 0) // it cannot go on: the service is another one, or has given it up
            {
                talk.Token = "";
                _queue.Insert(0, talk);
            }
            else if (talk.Schema == null) // it was never open
            {
                talk.Refused(answer);
                talk.Ended("refused");
                Forget(talk);
            }
            else Retry(talk, nowNs); // it was open, and will be again when there is room
        }

        void Told(Reply answer, long nowNs)
        {
            var talk = answer.Session == 0 ? null : FindSession(answer.Session);
            if (talk == null) return; // of one that was closed meanwhile
            if (answer.Kind == ReplyKind.Progress) talk.Progressed(answer);
            else if (answer.Kind == ReplyKind.Interrupted) talk.Interrupted(answer.Epoch, answer.At);
            else if (answer.Kind == ReplyKind.Spoken) talk.Heard(answer);
            else if (answer.Kind == ReplyKind.Error && Array.IndexOf(Wire.Client.OutOfStep, answer.Code) < 0)
                talk.Refused(answer);
            else if (answer.Kind == ReplyKind.Error || answer.Reason == "shutdown") // there will be another
            {
                talk.Lost();
                Retry(talk, nowNs);
            }
            else
            {
                talk.Ended(answer.Reason);
                Forget(talk);
            }
        }

        void Retry(Conversation talk, long nowNs)
        {
            _queue.Add(talk);
            _retryNs = nowNs + Wire.Client.RetryMs * Ms;
        }

        // Without a closure: progress comes often
        Conversation FindSession(int session)
        {
            foreach (var talk in _all)
                if (talk.Session == session) return talk;
            return null;
        }

        sealed class SameBytes : IEqualityComparer<ArraySegment<byte>>
        {
            public bool Equals(ArraySegment<byte> one, ArraySegment<byte> other)
            {
                if (one.Count != other.Count) return false;
                for (var k = 0; k < one.Count; k++)
                    if (one.Array[one.Offset + k] != other.Array[other.Offset + k]) return false;
                return true;
            }

            public int GetHashCode(ArraySegment<byte> of)
            {
                var hash = 17;
                for (var k = 0; k < of.Count; k++) hash = unchecked(31 * hash + of.Array[of.Offset + k]);
                return hash;
            }
        }
    }
}
