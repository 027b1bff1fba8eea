using System;

namespace FaceRig.Tests
{
    /// Test programs of the layer above the engine, with stand-ins for it (engine_stubs): turns, or
    /// voice, microphone or interrupt with CONTROL_PORT CURVES_PORT SOUND.s16.
    static class EngineProgram
    {
        static int Main(string[] arguments)
        {
            try
            {
                if (arguments[0] == "turns") return Turns.Run(Array.FindAll(arguments, one => one != "turns"));
                return new Stage(arguments).Run(arguments[0]);
            }
            catch (Failed problem)
            {
                Console.Error.WriteLine(problem.Message);
                return 1;
            }
        }
    }
}
