using System.Runtime.InteropServices;
using Vmi.Amd64;
using static Vmi.Xen.XenDeviceModel;

namespace Vmi.Xen;

/// <summary>Injection of interrupts and exceptions.</summary>
internal sealed class XenInjection : IDisposable
{
    private const uint NoErrorCode = uint.MaxValue;   // X86_EVENT_NO_EC

    private readonly XenDomain _domain;
    private nint _model;

    private XenInjection(XenDomain domain, nint model) => (_domain, _model) = (domain, model);

    public static XenInjection Open(XenDomain domain)
    {
        var model = xendevicemodel_open(QuietLogger.Instance, 0);
        return model != 0 ? new XenInjection(domain, model) : throw XenError.Last("opening the device model", domain.Name);
    }

    /// <summary>Injects.</summary>
    /// <param name="vcpu">The vCPU.</param>
    /// <param name="interrupt">What.</param>
    /// <param name="pending">For a debug exception: its cause, as the event that intercepted it had it.</param>
    public void Inject(uint vcpu, Amd64Interrupt interrupt, ulong pending)
    {
        var extra = interrupt.Vector == ExceptionVector.PageFault ? interrupt.Cr2?.Value ?? 0 : pending;
        var result = xendevicemodel_inject_event(
            _model, (ushort)_domain.Id, (int)vcpu, (byte)interrupt.Vector, (byte)interrupt.Type,
            interrupt.ErrorCode ?? NoErrorCode, (byte)interrupt.InstructionLength, extra);
        if (result >= 0)
            return;
        throw Marshal.GetLastPInvokeError() == Libc.Busy
            ? new VmiDriverException($"{_domain.Name}: vCPU {vcpu} has an interrupt to take already.")
            : XenError.Last("injecting an interrupt", _domain.Name);
    }

    public void Dispose()
    {
        if (_model != 0)
            _ = xendevicemodel_close(_model);
        _model = 0;
    }
}
