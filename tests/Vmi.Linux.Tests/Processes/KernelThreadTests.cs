using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Processes;

public sealed class KernelThreadTests
{
    private const ulong KernelThread = 0x0020_0000, Worker = 0x20;

    [Theory]
    [InlineData(false, "worker_private")]
    [InlineData(true, "set_child_tid")]
    public void A_thread_s_function_and_a_worker_s_work_have_names(bool isOld, string pointer)
    {
        var guest = new FakeGuest(isOld);
        ulong Thread(uint pid, ulong flags, ulong function, ulong data)
        {
            var task = guest.AddProcess(pid, $"thread {pid}");
            var details = guest.Allocate("kthread");
            guest.Set(task, "task_struct", "flags", KernelThread | flags);
            guest.Set(task, "task_struct", pointer, details);
            guest.Set(details, "kthread", "threadfn", function);
            guest.Set(details, "kthread", "data", data);
            return task;
        }

        var worker = guest.Allocate("worker");
        guest.Set(worker, "worker", "current_func", 0xffff_9000_0000_0000);
        Thread(2, 0, FakeGuest.Handler, worker);
        Thread(3, Worker, FakeGuest.Handler, worker);
        guest.Set(Thread(4, 0, 0, 0), "task_struct", pointer, 0);
        Thread(5, Worker, 0xdead, 0xffff_9000_0000_0000);
        guest.AddProcess(6, "program");
        var found = guest.Os.KernelThreads();
        Assert.Equal(
            ["2 handler ", "3 handler 0xffff900000000000", "4  ", "5 0x000000000000dead "],
            found.Select(each => $"{each.Thread.Id} {each.Function} {each.Work}"));
        Assert.Equal([true, true, null, false], found.Select(each => each.Function?.IsInKernelText));
        Assert.False(found[1].Work!.IsInKernelText);
        Assert.Contains("0xffff9000000", found.Incomplete);
    }
}
