namespace Vmi.Guests;

/// <summary>A mount, from <c>/proc/PID/mountinfo</c>, in which blanks and the like are no longer escaped.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Parent">The number of the mount that it lies in.</param>
/// <param name="Device"><c>MAJOR:MINOR</c>, decimal.</param>
/// <param name="Root">Which directory of the file system it shows.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Options">Its options.</param>
/// <param name="Propagation">The optional fields, such as <c>shared:1</c>.</param>
/// <param name="FileSystem">The kind of file system.</param>
/// <param name="Source">What was mounted.</param>
/// <param name="SuperOptions">The options of the whole file system.</param>
public sealed record TruthMount(
    int Id, int Parent, string Device, string Root, string Path, string Options, string Propagation, string FileSystem, string Source,
    string SuperOptions);
