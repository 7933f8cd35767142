namespace Vmi.Targets.Tests;

public sealed class VmiTargetTests
{
    [Theory]
    [InlineData("")]
    [InlineData("xen:7")]
    [InlineData("no-such-file.elf")]
    [InlineData("qemu:")]
    [InlineData("qemu:pid=none")]
    [InlineData("qemu:pid=4194304")]
    [InlineData("qemu:name=no-such-vm")]
    [InlineData("qemu:/no/such/socket")]
    public void A_target_that_can_not_be_opened_is_one_clear_line(string target)
    {
        var error = Assert.ThrowsAny<VmiException>(() => VmiTarget.Open(target));
        Assert.DoesNotContain('\n', error.Message);
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void A_raw_image_opens_by_its_path()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.OpenWrite(path))
            {
                file.SetLength(1 << 20);
                file.Position = 0x1234;
                file.WriteByte(0x5a);
            }

            using var target = VmiTarget.Open(path);
            Assert.Equal(0x5a, target.Core.ReadByte(new Pa(0x1234)));
            Assert.False(target.Driver.IsLive);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
