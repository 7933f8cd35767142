namespace Vmi.Hooks;

/// <summary>A breakpoint that <see cref="Breakpoints"/> has set.</summary>
public sealed class Breakpoint
{
    internal Breakpoint(AddressContext address, string? symbol)
    {
        Address = address;
        Symbol = symbol;
    }

    /// <summary>Where it stands, and below which root.</summary>
    public AddressContext Address { get; }

    /// <summary>The symbol that it was set at; null for an address.</summary>
    public string? Symbol { get; }

    /// <summary>The symbol, else the address.</summary>
    public override string ToString() => Symbol ?? Address.Va.ToString();
}
