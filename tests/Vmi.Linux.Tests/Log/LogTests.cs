using System.Text;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Log;

public sealed class LogTests
{
    private const ulong Finalized = 2UL << 62;
    private const int CountBits = 3;
    private const int SizeBits = 7;

    private readonly FakeGuest _guest = new();
    private readonly ulong _ring;
    private readonly ulong _descriptors;
    private readonly ulong _infos;
    private readonly ulong _data;

    public LogTests()
    {
        _ring = _guest.Allocate("printk_ringbuffer");
        _descriptors = _guest.Allocate(24 << CountBits);
        _infos = _guest.Allocate(32 << CountBits);
        _data = _guest.Allocate(1 << SizeBits);
        _guest.Write(FakeGuest.Prb, _ring);
        _guest.Set(_ring, "printk_ringbuffer", "desc_ring.count_bits", CountBits);
        _guest.Set(_ring, "printk_ringbuffer", "desc_ring.descs", _descriptors);
        _guest.Set(_ring, "printk_ringbuffer", "desc_ring.infos", _infos);
        _guest.Set(_ring, "printk_ringbuffer", "text_data_ring.size_bits", SizeBits);
        _guest.Set(_ring, "printk_ringbuffer", "text_data_ring.data", _data);
        SetNumbers(0, 0);
    }

    private IVmiList<LinuxLogRecord> Records => _guest.Os.Log();

    private void SetNumbers(ulong tail, ulong head)
    {
        _guest.Set(_ring, "printk_ringbuffer", "desc_ring.tail_id", tail);
        _guest.Set(_ring, "printk_ringbuffer", "desc_ring.head_id", head);
    }

    private ulong DescriptorOf(ulong number) => _descriptors + number % (1 << CountBits) * 24;

    private void Describe(ulong number, ulong begin, ulong next, int length, ulong state = Finalized)
    {
        _guest.Set(DescriptorOf(number), "prb_desc", "state_var", state | number);
        _guest.Set(DescriptorOf(number), "prb_desc", "text_blk_lpos.begin", begin);
        _guest.Set(DescriptorOf(number), "prb_desc", "text_blk_lpos.next", next);
        var info = _infos + number % (1 << CountBits) * 32;
        _guest.Set(info, "printk_info", "seq", number);
        _guest.Set(info, "printk_info", "ts_nsec", 1_234_567_890 + number);
        _guest.Set(info, "printk_info", "text_len", (ulong)length);
        _guest.Set(info, "printk_info", "level", 6);
    }

    /// <summary>A record whose block of text is at a place of the ring.</summary>
    private void Put(ulong number, ulong begin, ulong next, string text, ulong? place = null)
    {
        Describe(number, begin, next, text.Length);
        var at = _data + (place ?? begin % (1 << SizeBits));
        _guest.Write(at, number);
        _guest.Write(at + 8, Encoding.Latin1.GetBytes(text));
    }

    [Fact]
    public void Records_are_read_from_the_oldest_on()
    {
        SetNumbers(5, 7);
        Put(5, 0, 24, "first");
        Put(6, 24, 48, "two\nlines");
        Put(7, 48, 64, "a\xff");
        var records = Records;
        Assert.Null(records.Incomplete);
        Assert.Equal(["first", "two\nlines", @"a\xff"], records.Select(each => each.Text));
        Assert.Equal(
            (5UL, 1_234_567_895UL, 6, 0),
            (records[0].Sequence, records[0].TimestampNanoseconds, records[0].Level, records[0].Facility));
        Assert.Equal("[    1.234567] first", records[0].ToString());
    }

    [Fact]
    public void A_block_that_does_not_fit_at_the_ring_s_end_is_at_its_start()
    {
        SetNumbers(9, 10);
        Put(9, 64, 96, "before the end");
        Put(10, 96, 128 + 48, "a text longer than the rest", place: 0);
        Assert.Equal(["before the end", "a text longer than the rest"], Records.Select(each => each.Text));
        Assert.Null(Records.Incomplete);
    }

    [Fact]
    public void A_block_may_end_where_the_ring_ends()
    {
        SetNumbers(1, 1);
        Put(1, 96, 128, "to the very end");
        Assert.Equal("to the very end", Assert.Single(Records).Text);
    }

    [Fact]
    public void A_record_without_text_is_empty()
    {
        SetNumbers(1, 1);
        Describe(1, 3, 3, 0);
        Assert.Equal("", Assert.Single(Records).Text);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL << 62)]
    public void A_record_that_is_not_finished_is_left_out(ulong state)
    {
        SetNumbers(1, 2);
        Put(1, 0, 24, "first");
        Describe(2, 24, 48, 5, state);
        Assert.Equal("first", Assert.Single(Records).Text);
        Assert.Null(Records.Incomplete);
    }

    [Fact]
    public void Overwritten_text_and_descriptors_make_the_log_partial()
    {
        SetNumbers(1, 3);
        Put(1, 0, 24, "first");
        _guest.Write(_data, 77UL);
        Put(2, 24, 48, "second");
        Put(3, 48, 72, "third");
        _guest.Set(DescriptorOf(3), "prb_desc", "state_var", Finalized | 11);
        Assert.Equal("second", Assert.Single(Records).Text);
        Assert.Contains("overwritten (and 1 more)", Records.Incomplete, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL, 0UL)]
    [InlineData(24UL, 25UL)]
    [InlineData(48UL, 24UL)]
    [InlineData(ulong.MaxValue - 1, 8UL)]
    [InlineData(0UL, 1UL << 62)]
    [InlineData(3UL, 24UL)]
    public void Positions_that_make_no_sense_give_no_text_beyond_the_ring(ulong begin, ulong next)
    {
        SetNumbers(1, 1);
        Describe(1, begin, next, 60000);
        Assert.All(Records, each => Assert.True(each.TextBytes.Length <= 1 << SizeBits));
    }

    [Theory]
    [InlineData("desc_ring.count_bits", 64UL)]
    [InlineData("desc_ring.count_bits", ulong.MaxValue)]
    [InlineData("text_data_ring.size_bits", 63UL)]
    [InlineData("desc_ring.head_id", 1UL << 40)]
    public void A_ring_that_makes_no_sense_is_refused(string field, ulong value)
    {
        _guest.Set(_ring, "printk_ringbuffer", field, value);
        Assert.Empty(Records);
        Assert.Contains("makes no sense", Records.Incomplete, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_of_a_billion_records_ends_at_the_limit()
    {
        var guest = new FakeGuest(limits: new VmiLimits { ListEntries = 1000 });
        var ring = guest.Allocate("printk_ringbuffer");
        guest.Write(FakeGuest.Prb, ring);
        guest.Set(ring, "printk_ringbuffer", "desc_ring.count_bits", 30);
        guest.Set(ring, "printk_ringbuffer", "text_data_ring.size_bits", 30);
        guest.Set(ring, "printk_ringbuffer", "desc_ring.head_id", (1 << 30) - 1);
        Assert.Contains("is not there", guest.Os.Log().Incomplete, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_is_not_there_says_so()
    {
        _guest.Write(FakeGuest.Prb, 0xffff_9999_0000_0000);
        Assert.Contains("is not there", Records.Incomplete, StringComparison.Ordinal);
    }
}
