namespace Vmi.Hooks;

/// <summary>A frame that code is executed from in place of another: its copy, with breakpoints in it.</summary>
/// <param name="shadow">The copy.</param>
internal sealed class ShadowFrame(Gfn shadow)
{
    /// <summary>The copy.</summary>
    public Gfn Shadow { get; } = shadow;

    /// <summary>By their place in the frame: the byte beneath each breakpoint, and how often it was set.</summary>
    public Dictionary<int, (byte Original, int Count)> Breakpoints { get; } = [];
}
