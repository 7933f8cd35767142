using System.Text;

namespace Vmi.Targets.Tests;

public sealed class VmiTargetTests
{
    [Theory]
    [InlineData("")]
    [InlineData("xen:7")]
    [InlineData("no-such-file.elf")]
    [InlineData("raw:")]
    [InlineData("raw:no-such-file.raw")]
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

    [Theory]
    [InlineData("\u007fELF\u0002\u0001\u0001")]
    [InlineData("EMiL\u0001")]
    [InlineData("\u001f\u008b\u0008")]
    [InlineData("just text")]
    public void A_raw_image_that_looks_like_something_else_opens_as_raw(string start)
    {
        var path = Path.GetTempFileName();
        try
        {
            var bytes = new byte[1 << 20];
            if (start == "just text")
                Array.Fill(bytes, (byte)'a');
            Encoding.Latin1.GetBytes(start).CopyTo(bytes, 0);
            File.WriteAllBytes(path, bytes);
            Assert.ThrowsAny<VmiException>(() => VmiTarget.Open(path));

            using var target = VmiTarget.Open($"raw:{path}");
            Assert.Equal((byte)start[0], target.Core.ReadByte(new Pa(0)));
            Assert.Equal("raw image", target.Driver.Name[..9]);
            Assert.Equal($"raw:{path}", target.Name);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
