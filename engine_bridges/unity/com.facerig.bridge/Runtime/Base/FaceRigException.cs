using System;

namespace FaceRig
{
    /// What is wrong, where, and the way out: of a call, or of a message.
    public sealed class FaceRigException : Exception
    {
        /// Short and stable, as PROTOCOL.md has it: full, rate, gap, subject, ...; "config" for a wrong call.
        public readonly string Code;
        public readonly string What, Where, Fix;

        public FaceRigException(string code, string what, string where, string fix)
            : base(Text(what, where, fix))
        {
            Code = code;
            What = what;
            Where = where;
            Fix = fix;
        }

        internal static FaceRigException Config(string what, string where, string fix)
            => new FaceRigException("config", what, where, fix);

        static string Text(string what, string where, string fix)
            => (where.Length > 0 ? where + ": " : "") + what + (fix.Length > 0 ? " (" + fix + ")" : "");
    }
}
