namespace Vmi;

/// <summary>
/// A frame of guest memory, either mapped (then it shows what the guest writes) or copied. It owns its memory: the mapping below it
/// stays until the last page is unreachable, also after the driver was disposed of.
/// </summary>
public sealed unsafe class VmiMappedPage
{
    private readonly object _owner;
    private readonly byte* _mapped;

    /// <summary>A page that is a copy.</summary>
    /// <param name="gfn">The frame.</param>
    /// <param name="copy">Its bytes, <see cref="Frame.Size"/> of them.</param>
    /// <exception cref="ArgumentException">The copy has another size.</exception>
    public VmiMappedPage(Gfn gfn, byte[] copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        if (copy.Length != Frame.Size)
            throw new ArgumentException($"A page has {Frame.Size} bytes, not {copy.Length}.", nameof(copy));
        Gfn = gfn;
        _owner = copy;
    }

    /// <summary>A page that is a window on mapped memory.</summary>
    /// <param name="gfn">The frame.</param>
    /// <param name="mapped">Its first byte; <see cref="Frame.Size"/> bytes are readable as long as <paramref name="owner"/> lives.</param>
    /// <param name="owner">What keeps the mapping alive.</param>
    public VmiMappedPage(Gfn gfn, byte* mapped, object owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Gfn = gfn;
        _owner = owner;
        _mapped = mapped;
    }

    /// <summary>The frame.</summary>
    public Gfn Gfn { get; }

    /// <summary>Whether the bytes are the guest's own, not a copy.</summary>
    public bool IsMapped => _mapped != null;

    /// <summary>The bytes. Keep the page reachable while the span is in use.</summary>
    public ReadOnlySpan<byte> Span => _mapped != null ? new ReadOnlySpan<byte>(_mapped, Frame.Size) : (byte[])_owner;

    /// <summary>Copies the whole page.</summary>
    public byte[] ToArray()
    {
        var copy = Span.ToArray();
        GC.KeepAlive(this);
        return copy;
    }
}
