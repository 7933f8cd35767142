namespace Vmi;

/// <summary>The ability to control the machine itself.</summary>
public interface IVmiControl : IVmiDriver
{
    /// <summary>Stops all vCPUs. Pauses are counted: as many <see cref="Resume"/> calls set them going again.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    void Pause();

    /// <summary>Ends one <see cref="Pause"/>. A VM that was stopped before the first of them stays stopped.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    void Resume();

    /// <summary>Adds the next free frame after the highest one.</summary>
    /// <exception cref="VmiNotSupportedException">This driver can't add frames.</exception>
    Gfn AllocateGfn();

    /// <summary>Adds a given frame.</summary>
    /// <exception cref="VmiNotSupportedException">This driver can't add frames.</exception>
    void AllocateGfn(Gfn gfn);

    /// <summary>Removes a frame that was added.</summary>
    /// <exception cref="VmiNotSupportedException">This driver can't add frames.</exception>
    void FreeGfn(Gfn gfn);

    /// <summary>Injects an interrupt or exception into a vCPU.</summary>
    /// <exception cref="VmiNotSupportedException">This driver can't inject that.</exception>
    void InjectInterrupt(VcpuId vcpu, VmiInterrupt interrupt);

    /// <summary>Takes back all that was set up in the VM: monitors, rights, views, frames.</summary>
    void ResetState();
}
