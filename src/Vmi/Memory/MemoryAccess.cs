namespace Vmi;

/// <summary>The rights of a guest to a frame in a view (EPT or NPT permissions).</summary>
[Flags]
public enum MemoryAccess : byte
{
    /// <summary>No access: every touch raises an event.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing.</summary>
    Write = 2,

    /// <summary>Executing.</summary>
    Execute = 4,

    /// <summary>Reading and writing.</summary>
    ReadWrite = Read | Write,

    /// <summary>Reading and executing.</summary>
    ReadExecute = Read | Execute,

    /// <summary>Writing and executing.</summary>
    WriteExecute = Write | Execute,

    /// <summary>All rights.</summary>
    ReadWriteExecute = Read | Write | Execute,
}
