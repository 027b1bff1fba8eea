namespace FaceRig
{
    // Messages on their way out, one behind the other as the connection takes them
    sealed class Outgoing
    {
        readonly MsgPackWriter _message = new MsgPackWriter();

        public readonly ZmtpWriter Bytes = new ZmtpWriter();

        public void Clear()
        {
            _message.Clear();
            Bytes.Clear();
        }

        /// For the next message; the one before is done.
        public MsgPackWriter Next()
        {
            Finish();
            return _message;
        }

        public void Finish()
        {
            if (_message.Length > 0) Bytes.Message(_message.Buffer, 0, _message.Length);
            _message.Clear();
        }
    }
}
