namespace Vmi.Guests;

/// <summary>A guest could not be made, booted or asked.</summary>
public sealed class GuestException(string message) : Exception(message);
