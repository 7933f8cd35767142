using Vmi.Symbols;
using Vmi.Symbols.Tests;

namespace Vmi.Linux.Tests.Fakes;

/// <summary>
/// The types of a kernel that never was: its structures have the fields that are read, 8 bytes each unless said otherwise, at places of
/// their own. So nothing but the profile can tell where they are.
/// </summary>
internal sealed class FakeTypes
{
    private readonly BtfBuilder _btf = new();
    private readonly Dictionary<int, int> _integers = [];

    public FakeTypes(bool isOld = false)
    {
        var list = Struct("list_head", 16, ("next", 8), ("prev", 8));
        var path = Struct("path", 16, ("mnt", 8), ("dentry", 8));
        Struct("task_struct", 0x200, ("pad", 16), (isOld ? "state" : "__state", 4), ("exit_state", 4), ("flags", 4), ("pid", 4),
            ("tgid", 4), ("pad2", 4), ("tasks", -list), ("mm", 8), ("real_parent", 8), ("group_leader", 8), ("signal", 8), ("real_cred", 8),
            ("thread_node", -list), (isOld ? "real_start_time" : "start_boottime", 8), ("comm", 16), ("fs", 8), ("files", 8),
            ("nsproxy", 8), (isOld ? "set_child_tid" : "worker_private", 8));
        Struct("signal_struct", 64, ("count", 8), ("thread_head", -list));
        Struct("cred", 64, ("usage", 4), ("uid", 4), ("gid", 4), ("suid", 4), ("sgid", 4), ("euid", 4), ("egid", 4),
            ("fsuid", 4), ("fsgid", 4));
        var tree = Struct("maple_tree", 16, ("ma_flags", 8), ("ma_root", 8));
        var context = Struct("mm_context_t", 16, ("flags", 8), ("vdso", 8));
        Struct("mm_struct", 0x100, isOld ? ("mmap", 8) : ("mm_mt", -tree), ("pgd", 8), ("start_code", 8), ("start_brk", 8), ("brk", 8),
            ("start_stack", 8), ("arg_start", 8), ("arg_end", 8), ("env_start", 8), ("env_end", 8), ("exe_file", 8), ("context", -context));
        Struct("vm_area_struct", 0x80, ("vm_start", 8), ("vm_end", 8), (isOld ? "vm_next" : "hole", 8), ("vm_mm", 8), ("vm_flags", 8),
            ("vm_pgoff", 8), ("vm_file", 8), ("vm_private_data", 8), ("vm_ops", 8), ("anon_name", 8));
        Struct("anon_vma_name", 8, ("kref", 4), ("name", 4));
        Struct("vm_operations_struct", 32, ("open", 8), ("name", 8));
        Struct("vm_special_mapping", 16, ("name", 8), ("pages", 8));
        Struct("maple_node", 256, ("parent", 8), ("slot", 8 * 31));
        Struct("maple_range_64", 256, ("parent", 8), ("pivot", 8 * 15), ("slot", 8 * 16));
        Struct("maple_arange_64", 256, ("parent", 8), ("pivot", 8 * 9), ("slot", 8 * 10), ("gap", 8 * 10));
        Struct("file", 64, ("f_mode", 4), ("f_flags", 4), ("f_path", -path), ("f_inode", 8), ("f_pos", 8), ("private_data", 8));
        Struct("files_struct", 16, ("count", 8), ("fdt", 8));
        Struct("fdtable", 32, ("max_fds", 4), ("hole", 4), ("fd", 8), ("close_on_exec", 8));
        Struct("fs_struct", 48, ("users", 8), ("root", -path), ("pwd", -path));
        var array = Struct("xarray", 16, ("xa_lock", 8), ("xa_head", 8));
        Struct("xa_node", 640, ("shift", 1), ("offset", 1), ("pad", 14), ("slots", 8 * 64));
        Struct("pid_namespace", 32, ("level", 8), ("child_reaper", 8));
        var name = Struct("qstr", 16, ("hash", 4), ("len", 4), ("name", 8));
        var hash = Struct("hlist_bl_node", 16, ("next", 8), ("pprev", 8));
        Struct("dentry", 96, ("d_flags", 8), ("d_hash", -hash), ("d_parent", 8), ("d_name", -name), ("d_inode", 8), ("d_op", 8),
            isOld ? ("d_child", -list) : ("d_sib", 16), isOld ? ("d_subdirs", -list) : ("d_children", 8));
        Struct("dentry_operations", 32, ("d_hash", 8), ("d_dname", 8));
        var inner = Struct("vfsmount", 24, ("mnt_root", 8), ("mnt_sb", 8), ("mnt_flags", 4));
        var node = Struct("rb_node", 24, ("__rb_parent_color", 8), ("rb_right", 8), ("rb_left", 8));
        var redBlack = Struct("rb_root", 8, ("rb_node", 8));
        Struct("mount", 128, ("mnt_hash", 8), ("mnt_parent", 8), ("mnt_mountpoint", 8), ("mnt", -inner), ("mnt_devname", 8),
            isOld ? ("mnt_list", -list) : ("mnt_node", -node), ("mnt_master", 8), ("mnt_id", 4), ("mnt_group_id", 4),
            ("mnt_mounts", -list), ("mnt_child", -list));
        Struct("mnt_namespace", 32, ("count", 8), isOld ? ("list", -list) : ("mounts", -redBlack));
        Struct("nsproxy", 32, ("count", 8), ("mnt_ns", 8));
        Struct("file_system_type", 16, ("fs_flags", 8), ("name", 8));
        var bits = Struct("idt_bits", 2, ("ist", 1), ("p", 1));
        Struct("gate_struct", 16, ("offset_low", 2), ("segment", 2), ("bits", -bits), ("offset_middle", 2), ("offset_high", 4));
        Struct("inode", 64, ("i_mode", 2), ("hole", 2), ("i_uid", 4), ("i_sb", 8), ("i_ino", 8), ("i_size", 8), ("i_mapping", 8),
            ("i_link", 8));
        Struct("address_space", 32, ("host", 8), ("i_pages", -array));
        Struct(isOld ? "page_inner" : "folio", 32, ("flags", 8), ("index", 8), ("mapping", 8));
        Struct("page", 32, ("flags", 8), ("index", 8), ("mapping", 8));
        _btf.Enum("pageflags", false, ("PG_locked", 0), ("PG_uptodate", 3));
        var network = Struct("possible_net_t", 8, ("net", 8));
        var space = Struct("ns_common", 16, ("ops", 8), ("inum", 4));
        Struct("net", 32, ("passive", 8), ("ns", -space));
        Struct("inet_hashinfo", 16, ("ehash", 8), ("ehash_mask", 4));
        Struct("kthread", 32, ("flags", 8), ("threadfn", 8), ("data", 8));
        Struct("worker", 32, ("entry", 8), ("current_func", 8));
        var common = Struct("sock_common", 96, ("skc_daddr", 4), ("skc_rcv_saddr", 4), ("skc_dport", 2), ("skc_num", 2),
            ("skc_family", 2), ("skc_state", 1), ("hole", 1), ("skc_net", -network), ("skc_v6_daddr", 16), ("skc_v6_rcv_saddr", 16),
            ("skc_nulls_node", 16));
        var sock = Struct("sock", 128, ("__sk_common", -common), ("sk_type", 2), ("sk_protocol", 2), ("hole", 4), ("sk_socket", 8));
        Struct("socket", 32, ("state", 8), ("file", 8), ("sk", 8));
        Struct("unix_sock", 160, ("sk", -sock), ("addr", 8));
        Struct("unix_address", 16, ("refcnt", 4), ("len", 4), ("name", 8));
        Struct("super_block", 48, ("s_list", 8), ("s_dev", 4), ("hole", 4), ("s_flags", 8), ("s_type", 8),
            ("s_magic", 8));
        Struct("module_use", 64, ("source_list", -list), ("target_list", -list), ("source", 8), ("target", 8));
        if (isOld)
        {
            var layout = Struct("module_layout", 16, ("base", 8), ("size", 4));
            Struct("module", 0x100, ("state", 8), ("list", -list), ("name", 56), ("taints", 8), ("core_layout", -layout),
                ("init_layout", -layout), ("source_list", -list), ("refcnt", 4));
        }
        else
        {
            var part = Struct("module_memory", 16, ("base", 8), ("size", 4));
            Struct("module", 0x100, ("state", 8), ("list", -list), ("name", 56), ("taints", 8), ("mem", -_btf.Array(part, 3)),
                ("source_list", -list), ("refcnt", 4));
        }

        var descriptors = Struct("prb_desc_ring", 48, ("count_bits", 8), ("descs", 8), ("infos", 8), ("head_id", 8), ("tail_id", 8));
        var data = Struct("prb_data_ring", 32, ("size_bits", 8), ("data", 8));
        Struct("printk_ringbuffer", 96, ("desc_ring", -descriptors), ("text_data_ring", -data));
        var position = Struct("prb_data_blk_lpos", 16, ("begin", 8), ("next", 8));
        Struct("prb_desc", 24, ("state_var", 8), ("text_blk_lpos", -position));
        Struct("printk_info", 32, ("seq", 8), ("ts_nsec", 8), ("text_len", 2), ("facility", 1), ("level", 1), ("caller_id", 4));
        var clock = Struct("tk_read_base", 32, ("shift", 4), ("hole", 4), ("xtime_nsec", 8), ("base", 8));
        Struct("timekeeper", 64, ("tkr_mono", -clock), ("offs_real", 8), ("offs_boot", 8));
        Struct("pt_regs", 0x80, ("bp", 8), ("bx", 8), ("r10", 8), ("r9", 8), ("r8", 8), ("cx", 8), ("dx", 8), ("si", 8), ("di", 8));
        Struct("pcpu_hot", 16, ("pad", 8), ("current_task", 8));
        Struct("cpu_entry_area", 0x3000, ("gdt", 0x1000));
        var uts = Struct("new_utsname", 130, ("nodename", 65), ("release", 65));
        Struct("uts_namespace", 136, ("name", -uts));
    }

    public BtfTypes Build() => BtfTypes.Parse(_btf.Build());

    /// <param name="name">The structure.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="members">Name and size of each member, one after the other; a negative size is the id of a type before.</param>
    private int Struct(string name, uint size, params (string Name, int Size)[] members)
    {
        var fields = new List<(string, int, uint)>();
        var offset = 0u;
        foreach (var (member, memberSize) in members)
        {
            fields.Add((member, memberSize < 0 ? -memberSize : Bytes(memberSize), offset * 8));
            offset += memberSize < 0 ? SizeOf(-memberSize) : (uint)memberSize;
        }

        Assert.True(offset <= size, name);
        var id = _btf.Struct(name, size, [.. fields]);
        _sizes[id] = size;
        return id;
    }

    private readonly Dictionary<int, uint> _sizes = [];

    private uint SizeOf(int id) => _sizes.TryGetValue(id, out var size) ? size : 3 * 16;

    private int Bytes(int size)
    {
        if (_integers.TryGetValue(size, out var id))
            return id;
        id = size is 1 or 2 or 4 or 8 ? _btf.Int($"u{size * 8}", (uint)size) : _btf.Array(Bytes(1), (uint)size);
        return _integers[size] = id;
    }
}
