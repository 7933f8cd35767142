namespace Vmi.Xen;

/// <summary>The rights of frames, and the views made: each change is remembered, so that all can be taken back.</summary>
/// <param name="domain">The domain.</param>
/// <param name="journal">Where changes of the default view are noted.</param>
internal sealed class XenViews(XenDomain domain, XenJournal journal)
{
    private const int MostAtOnce = 1024;

    private static readonly Version PageWalkOption = new(4, 18);

    private readonly Dictionary<ushort, ViewState> _views = [];
    private readonly HashSet<ulong> _restricted = [];
    private bool _inUse;

    /// <summary>Whether a view exists.</summary>
    public bool Has(View view) => view == View.Default || _views.ContainsKey(view.Value);

    /// <summary>Refuses a view that does not exist.</summary>
    public void Require(View view)
    {
        if (!Has(view))
            throw new VmiViewNotFoundException(view);
    }

    public (MemoryAccess Access, MemoryAccessOptions Options) Get(Gfn gfn, View view)
    {
        if (view != View.Default)
        {
            var state = StateOf(view);
            if (domain.Access(view.Value, gfn.Value) is { } own)
                return XenAccess.From(own);
            // Xen makes an entry when a vCPU first comes there; until then the frame has the view's default, if it exists at all.
            if (domain.Access(gfn.Value) is not null)
                return XenAccess.From(state.Rights.GetValueOrDefault(gfn.Value, state.DefaultAccess));
        }
        else if (domain.Access(gfn.Value) is { } access)
        {
            return XenAccess.From(access);
        }

        throw new VmiDriverException($"{domain.Name} has no frame {gfn}.");
    }

    public void Set(ReadOnlySpan<Gfn> gfns, View view, MemoryAccess access, MemoryAccessOptions options)
    {
        Check(access, options);
        var state = view == View.Default ? null : StateOf(view);
        var value = XenAccess.Of(access, options);
        var numbers = new ulong[Math.Min(gfns.Length, MostAtOnce)];
        while (!gfns.IsEmpty)
        {
            var batch = numbers.AsSpan(0, Math.Min(gfns.Length, MostAtOnce));
            for (var i = 0; i < batch.Length; i++)
                batch[i] = gfns[i].Value;
            gfns = gfns[batch.Length..];
            if (state is null)
                SetInDefault(batch, value);
            else
                SetIn(view, state, batch, value);
        }
    }

    /// <summary>Makes a view.</summary>
    /// <param name="access">The rights of its frames.</param>
    /// <param name="frames">The memory that exists; for a view with fewer rights than all.</param>
    public View Create(MemoryAccess access, Func<IReadOnlyList<PhysicalRange>> frames)
    {
        Check(access, MemoryAccessOptions.None);
        domain.RequireTables(_views.Count + 2);
        Begin();
        var number = domain.CreateView((int)access);
        var view = new View(number);
        _views.Add(number, new ViewState((int)access));
        if (access == MemoryAccess.ReadWriteExecute)
            return view;
        try
        {
            // Xen before 4.19 gives frames the rights of the default view when a vCPU first comes there, newer ones do so to the
            // neighbours of a frame that is set: only rights that were set by name hold.
            Restrict(number, frames(), (int)access);
            return view;
        }
        catch
        {
            Destroy(view);
            throw;
        }
    }

    public void Destroy(View view)
    {
        StateOf(view);
        domain.DestroyView(view.Value);
        _views.Remove(view.Value);
    }

    public void Switch(View view)
    {
        if (view != View.Default)
            StateOf(view);
        if (_inUse)
            domain.SwitchView(view.Value);
    }

    public void Change(View view, Gfn oldGfn, Gfn newGfn)
    {
        var state = Alternate(view);
        domain.ChangeGfn(view.Value, oldGfn.Value, newGfn.Value);
        state.Changed[oldGfn.Value] = newGfn.Value;
        state.Meant = (Math.Min(state.Meant.Lowest, newGfn.Value), Math.Max(state.Meant.Highest, newGfn.Value));
        Reapply(view.Value, state, oldGfn.Value);
    }

    public void Reset(View view, Gfn gfn)
    {
        var state = Alternate(view);
        domain.ResetGfn(view.Value, gfn.Value);
        state.Changed.Remove(gfn.Value);
        Reapply(view.Value, state, gfn.Value);
    }

    /// <summary>Whether a view loses all that was changed in it when a frame is removed from the domain.</summary>
    public bool Forgets(ulong gfn) => _views.Values.Any(each => each.Forgets(gfn));

    /// <summary>Changes the views again that lost what was changed in them when a frame was removed.</summary>
    /// <param name="gfn">The frame.</param>
    /// <param name="frames">The memory that exists.</param>
    public void Recover(ulong gfn, Func<IReadOnlyList<PhysicalRange>> frames)
    {
        foreach (var (number, state) in _views)
        {
            if (!state.Forgets(gfn))
                continue;
            if (state.DefaultAccess != XenAccess.All)
                Restrict(number, frames(), state.DefaultAccess);
            foreach (var (old, meant) in state.Changed)
            {
                if (meant == gfn)
                    state.Changed.Remove(old);
                else
                    domain.ChangeGfn(number, old, meant);
            }

            foreach (var (each, rights) in state.Rights)
                domain.SetAccess(number, [each], rights);
        }
    }

    /// <summary>Gives a frame of the default view all rights, until <see cref="EndLift"/>.</summary>
    /// <returns>The rights that it had.</returns>
    public int Lift(ulong gfn)
    {
        var access = domain.Access(gfn) ?? XenAccess.All;
        domain.SetAccess([gfn], XenAccess.All);
        return access;
    }

    public void EndLift(ulong gfn, int access)
    {
        if (_restricted.Contains(gfn))
            domain.SetAccess([gfn], access);
    }

    /// <summary>Gives back all rights in the default view, and puts all vCPUs into it.</summary>
    public void Restore()
    {
        if (_inUse)
            domain.SwitchView(View.Default.Value);
        foreach (var batch in _restricted.ToArray().Chunk(MostAtOnce))
        {
            domain.SetAccess(batch, XenAccess.All);
            _restricted.ExceptWith(batch);
        }
    }

    /// <summary>Ends the use of alternate views, which destroys them.</summary>
    public void End()
    {
        if (!_inUse)
            return;
        domain.UseViews(false);
        _inUse = false;
        _views.Clear();
    }

    private void Begin()
    {
        if (_inUse)
            return;
        domain.UseViews(true);
        _inUse = true;
    }

    private void SetInDefault(Span<ulong> gfns, int value)
    {
        // Remembered first: half of them may be set when it fails, or when this process is killed.
        if (value != XenAccess.All)
        {
            if (_restricted.Count == 0)
                domain.RequireTables(_views.Count + 1);
            foreach (var gfn in gfns)
                _restricted.Add(gfn);
            journal.NoteRights(gfns);
        }

        domain.SetAccess(gfns, value);
        if (value == XenAccess.All)
        {
            foreach (var gfn in gfns)
                _restricted.Remove(gfn);
        }

        // Xen carries a change of the default view over into the others, and over what they have of their own.
        foreach (var (number, state) in _views)
        {
            foreach (var gfn in gfns)
                Recover(number, state, gfn);
        }
    }

    private void SetIn(View view, ViewState state, ReadOnlySpan<ulong> gfns, int value)
    {
        domain.SetAccess(view.Value, gfns, value);
        foreach (var gfn in gfns)
            state.Rights[gfn] = value;
    }

    private void Recover(ushort view, ViewState state, ulong gfn)
    {
        if (state.Changed.TryGetValue(gfn, out var other))
            domain.ChangeGfn(view, gfn, other);
        Reapply(view, state, gfn);
    }

    /// <summary>A frame that Xen has set anew in a view gets the rights there that it had.</summary>
    private void Reapply(ushort view, ViewState state, ulong gfn)
    {
        if (state.Rights.TryGetValue(gfn, out var rights))
            domain.SetAccess(view, [gfn], rights);
        else if (state.DefaultAccess != XenAccess.All)
            domain.SetAccess(view, [gfn], state.DefaultAccess);
    }

    private void Restrict(ushort view, IReadOnlyList<PhysicalRange> memory, int access)
    {
        var batch = new ulong[MostAtOnce];
        foreach (var range in memory)
        {
            for (var gfn = range.Start.Gfn.Value; gfn < range.End.Gfn.Value;)
            {
                var count = (int)Math.Min((ulong)batch.Length, range.End.Gfn.Value - gfn);
                for (var i = 0; i < count; i++)
                    batch[i] = gfn++;
                domain.SetAccess(view, batch.AsSpan(0, count), access);
            }
        }
    }

    private void Check(MemoryAccess access, MemoryAccessOptions options)
    {
        if ((access & (MemoryAccess.Read | MemoryAccess.Write)) == MemoryAccess.Write)
        {
            throw new VmiNotSupportedException(
                $"the rights {access} (page tables of the CPU have no writing without reading)", domain.Name);
        }

        if (options == MemoryAccessOptions.None)
            return;
        if (access != MemoryAccess.Read)
            throw new VmiNotSupportedException($"{options} with {access}: it goes with {MemoryAccess.Read} only, which", domain.Name);
        if (domain.Hypervisor < PageWalkOption)
        {
            throw new VmiNotSupportedException(
                $"{options}, which comes with Xen {PageWalkOption} (this is {domain.Hypervisor})", domain.Name);
        }
    }

    private ViewState StateOf(View view) => _views.GetValueOrDefault(view.Value) ?? throw new VmiViewNotFoundException(view);

    private ViewState Alternate(View view) => view != View.Default
        ? StateOf(view)
        : throw new VmiNotSupportedException("changing frames of the default view", domain.Name);
}
