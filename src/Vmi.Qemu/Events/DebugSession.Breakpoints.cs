namespace Vmi.Qemu;

/// <content>The breakpoints and watchpoints that stand in the stub, and the roots that they were asked for.</content>
internal sealed partial class DebugSession
{
    private readonly Dictionary<ulong, BreakpointSite> _sites = [];
    private readonly List<Watchpoint> _watchpoints = [];

    /// <summary>Sets a breakpoint; with the VM held.</summary>
    /// <exception cref="VmiNotSupportedException">The stub refuses it.</exception>
    public void InsertBreakpoint(AddressContext address, NativeBreakpointKind kind)
    {
        var site = SiteAt(address.Va.Value);
        if (site is null)
        {
            site = new BreakpointSite(address.Va, kind);
            if (_target.IsKvm && kind == NativeBreakpointKind.Software)
                site = InsertUnderKvm(address, site);
            else
                InsertIntoStub(site);
            _sites.Add(address.Va.Value, site);
        }
        if (!site.Roots.Contains(address.Root))
            site.Roots.Add(address.Root);
    }

    public bool RemoveBreakpoint(AddressContext address)
    {
        if (SiteAt(address.Va.Value) is not { } site || !site.Roots.Remove(address.Root))
            return false;
        if (site.Roots.Count == 0 && !Array.Exists(_vcpus, vcpu => vcpu.WaitsAt == address.Va.Value))
        {
            _sites.Remove(address.Va.Value);
            RemoveFromStub(site);
        }
        return true;
    }

    public bool HasBreakpoint(AddressContext address) => SiteAt(address.Va.Value)?.Roots.Contains(address.Root) == true;

    /// <summary>Sets a watchpoint; with the VM held.</summary>
    /// <exception cref="VmiNotSupportedException">The stub refuses it.</exception>
    public void InsertWatchpoint(Watchpoint watchpoint)
    {
        if (_watchpoints.Contains(watchpoint))
            return;
        if (!_watchpoints.Exists(watchpoint.IsSameInStub))
        {
            _client.Post($"Z{TypeOf(watchpoint.Access)},{watchpoint.Address.Va.Value},{watchpoint.Length}");
            if (!_client.Receive().SequenceEqual("OK"u8))
                throw new VmiNotSupportedException(
                    $"a watchpoint at {watchpoint.Address.Va} (QEMU refuses it: KVM has room for four in the CPU's debug registers)",
                    _target.Name);
        }
        _watchpoints.Add(watchpoint);
    }

    public bool RemoveWatchpoint(Watchpoint watchpoint)
    {
        if (!_watchpoints.Remove(watchpoint))
            return false;
        if (!_watchpoints.Exists(watchpoint.IsSameInStub))
        {
            _client.Post($"z{TypeOf(watchpoint.Access)},{watchpoint.Address.Va.Value},{watchpoint.Length}");
            _client.ReceiveOk("removing a watchpoint");
        }
        return true;
    }

    /// <summary>Removes every breakpoint and watchpoint; with the VM held.</summary>
    public void RemoveAll()
    {
        foreach (var site in _sites.Values)
            RemoveFromStub(site);
        _sites.Clear();
        for (var i = _watchpoints.Count - 1; i >= 0; i--)
            RemoveWatchpoint(_watchpoints[i]);
    }

    /// <summary>Whether a range may be watched.</summary>
    /// <exception cref="ArgumentException">It may not.</exception>
    public static void CheckWatchpoint(Va address, int length, MemoryAccess access)
    {
        if (length is not (1 or 2 or 4 or 8) || address.Value % (ulong)length != 0)
            throw new ArgumentException($"A watchpoint has 1, 2, 4 or 8 bytes at a multiple of that, not {length} at {address}.", nameof(length));
        if (access is not (MemoryAccess.Read or MemoryAccess.Write or MemoryAccess.ReadWrite))
            throw new ArgumentException($"A watchpoint is for reading, writing or both, not for {access}.", nameof(access));
    }

    private BreakpointSite? SiteAt(ulong address) => _sites.GetValueOrDefault(address);

    /// <summary>
    /// Under KVM a software breakpoint is an instruction in the memory that a vCPU maps there: one whose address space is the one asked
    /// for must be current. Where none is, a debug register takes its place.
    /// </summary>
    private BreakpointSite InsertUnderKvm(AddressContext address, BreakpointSite site)
    {
        foreach (var vcpu in _vcpus)
        {
            LoadRegisters(vcpu);
            if (!_spaces.Matches(address.Va, address.Root, vcpu.Registers.TranslationRoot, vcpu.Registers.PagingMode))
                continue;
            _client.Post($"Hc{vcpu.Thread}");
            _client.ReceiveOk("choosing a vCPU");
            _current = vcpu.Thread;
            if (TryInsert(site))
                return site;
        }
        var hardware = new BreakpointSite(site.Address, NativeBreakpointKind.Hardware);
        InsertIntoStub(hardware);
        return hardware;
    }

    private void InsertIntoStub(BreakpointSite site)
    {
        if (!TryInsert(site))
            throw new VmiNotSupportedException($"a breakpoint at {site.Address} (QEMU refuses it)", _target.Name);
    }

    private bool TryInsert(BreakpointSite site)
    {
        _client.Post($"Z{TypeOf(site.Kind)},{site.Address.Value},{1}");
        return _client.Receive().SequenceEqual("OK"u8);
    }

    private void RemoveFromStub(BreakpointSite site)
    {
        _client.Post($"z{TypeOf(site.Kind)},{site.Address.Value},{1}");
        _client.ReceiveOk("removing a breakpoint");
    }

    private static int TypeOf(NativeBreakpointKind kind) => kind == NativeBreakpointKind.Software ? 0 : 1;

    private static int TypeOf(MemoryAccess access) => access switch
    {
        MemoryAccess.Write => 2,
        MemoryAccess.Read => 3,
        _ => 4,
    };
}
