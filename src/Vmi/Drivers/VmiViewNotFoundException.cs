namespace Vmi;

/// <summary>There is no such view.</summary>
/// <param name="view">The view asked for.</param>
public sealed class VmiViewNotFoundException(View view) : VmiException($"There is no view {view}.")
{
    /// <summary>The view asked for.</summary>
    public View View { get; } = view;
}
