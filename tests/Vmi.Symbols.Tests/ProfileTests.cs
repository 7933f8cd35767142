using System.Text;

namespace Vmi.Symbols.Tests;

public sealed class ProfileTests
{
    private const ulong Base = KallsymsBuilder.Base;

    [Fact]
    public void A_profile_is_found_in_an_image_with_its_banner_and_build_id()
    {
        var image = SampleImage.Create();
        var profile = Assert.Single(Symbols.Profile.FindAll(image));

        Assert.Equal(new KernelIdentity("Linux version 6.1.0-test (x) #1 SMP", "00112233445566778899aabbccddeeff00112233"), profile.Kernel);
        Assert.Equal(new Field(8, 4), profile.Field("task_struct", "tgid"));
        Assert.True(profile.Matches(image));
    }

    [Fact]
    public void Without_symbols_for_it_the_btf_is_searched()
    {
        var image = SampleImage.Create(withBtfSymbols: false);

        Assert.Equal(new Field(8, 4), Assert.Single(Symbols.Profile.FindAll(image)).Field("task_struct", "tgid"));
        Assert.Single(BtfFinder.FindAll(image, symbols: null));
    }

    [Fact]
    public void Btf_that_does_not_fill_the_place_its_symbols_give_is_no_btf_of_that_kernel()
    {
        Assert.Empty(Symbols.Profile.FindAll(SampleImage.Create(btfPadding: 64)));
        Assert.Empty(Symbols.Profile.FindAll(SampleImage.Create(btfPadding: -8)));
    }

    [Fact]
    public void What_a_kernel_lacks_is_named()
    {
        var profile = Sample();

        Assert.Equal("This kernel (6.1.0-test) has no type nothing.", Message(() => profile.Field("nothing", "x")));
        Assert.Equal("The field task_struct.nothing does not exist in this kernel (6.1.0-test).",
            Message(() => profile.Field("task_struct", "nothing")));
        Assert.Equal("The field task_struct.bit is a bit field in this kernel (6.1.0-test).",
            Message(() => profile.Field("task_struct", "bit")));
        Assert.Equal("The field task_struct.comm is no integer in this kernel (6.1.0-test).",
            Message(() => profile.BitField("task_struct", "comm")));
        Assert.Equal("This kernel (6.1.0-test) has no symbol nothing.", Message(() => profile.Symbol("nothing")));
        Assert.Equal("This kernel (6.1.0-test) has no type nothing.", Message(() => profile.SizeOf("nothing")));
    }

    [Fact]
    public void A_saved_profile_is_the_same_when_loaded()
    {
        var profile = Sample();
        var loaded = Symbols.Profile.Load(new MemoryStream(Save(profile)));

        Assert.Equal(profile.Kernel, loaded.Kernel);
        Assert.Equal(profile.TextBase, loaded.TextBase);
        Assert.Equal(profile.Symbols.All(), loaded.Symbols.All());
        Assert.Equal(profile.Types.Blob.ToArray(), loaded.Types.Blob.ToArray());
        Assert.Equal(Save(profile), Save(loaded));
    }

    [Fact]
    public void A_loaded_profile_fits_another_boot_of_its_kernel_and_no_other_kernel()
    {
        var loaded = Symbols.Profile.Load(new MemoryStream(Save(Sample())));
        var moved = SampleImage.Create(start: Base + 0x2000_0000);

        Assert.False(loaded.Matches(moved));
        Assert.True(loaded.Rebase(new Va(Base + 0x2000_0000)).Matches(moved));
        Assert.False(loaded.Matches(SampleImage.Create(banner: "Linux version 6.1.0-test (x) #2 SMP")));
        Assert.False(loaded.Matches(SampleImage.Create(buildId: 1)));
    }

    [Fact]
    public void A_file_is_replaced_only_by_a_whole_profile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"vmi-{Guid.NewGuid():N}.profile");
        try
        {
            File.WriteAllText(path, "old");
            Sample().Save(path);
            Assert.Equal(Sample().Kernel, Symbols.Profile.Load(path).Kernel);
            Assert.False(File.Exists(path + ".part"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Files_that_are_no_sound_profile_are_refused()
    {
        var good = Save(Sample());

        AssertRefused([], "not a kernel profile");
        AssertRefused(Encoding.ASCII.GetBytes(new string('x', 1000)), "not a kernel profile");
        AssertRefused(good[..^1], "damaged");
        AssertRefused([.. good, 0], "damaged");
        foreach (var at in new[] { 20, 30, 60, 1000, good.Length - 1 })
            AssertRefused([.. good[..at], (byte)~good[at], .. good[(at + 1)..]], at == 20 ? "allowed are" : "damaged");
        AssertRefused([.. good[..8], 2, .. good[9..]], "version 2");
    }

    internal static Profile Sample() => Assert.Single(Symbols.Profile.FindAll(SampleImage.Create()));

    internal static byte[] Save(Profile profile)
    {
        var stream = new MemoryStream();
        profile.Save(stream);
        return stream.ToArray();
    }

    private static string Message(Func<object> action) => Assert.Throws<ProfileException>(action).Message;

    private static void AssertRefused(byte[] file, string message) => Assert.Contains(
        message, Assert.Throws<VmiFormatException>(() => Symbols.Profile.Load(new MemoryStream(file))).Message, StringComparison.Ordinal);
}
