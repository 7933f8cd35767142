namespace Vmi.Xen.Lab;

/// <summary>Opening a domain, by its number and its name.</summary>
internal static class OpenChecks
{
    public static void Run(Checks checks, string domain)
    {
        checks.Check("a domain opens by its number", () =>
        {
            using var driver = XenDriver.Open(domain);
            Expect.Equal(1, driver.Info.Vcpus, "the number of vCPUs");
            Expect.True(driver.Hypervisor >= new Version(4, 17), $"the version is {driver.Hypervisor}");
        });
        checks.Check("a domain opens by its name", () =>
        {
            using var driver = XenDriver.Open("guest");
            Expect.Equal(domain, driver.DomainId.ToString(System.Globalization.CultureInfo.InvariantCulture), "the domain's number");
            Expect.True(driver.Name.Contains("guest", StringComparison.Ordinal), $"the name is {driver.Name}");
        });
        checks.Check("the list has the domain", () =>
        {
            var entry = XenDomainList.Read().Single(each => each.Name == "guest");
            Expect.True(entry.CanOpen, "it can be opened");
            Expect.True(entry.MemoryBytes is > 150 << 20 and < 180 << 20, $"its memory is {entry.MemoryBytes} bytes");
        });
        checks.Check("a domain that does not exist is refused by name and by number", () =>
        {
            Expect.Throws<VmiDriverException>(() => XenDriver.Open("nobody"), "opening nobody");
            Expect.Throws<VmiDriverException>(() => XenDriver.Open("31000"), "opening 31000");
        });
        checks.Check("dom0, which is no HVM domain, is refused", () =>
            Expect.Throws<VmiDriverException>(() => XenDriver.Open("0"), "opening dom0"));
    }
}
