using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Vmi.Cli.Json;

/// <summary>The JSON documents, with serializers made at compile time. docs/commands.md describes them: change both.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<VmJson>))]
[JsonSerializable(typeof(InfoJson))]
[JsonSerializable(typeof(IReadOnlyList<ProcessJson>))]
[JsonSerializable(typeof(IReadOnlyList<ThreadJson>))]
[JsonSerializable(typeof(IReadOnlyList<StackJson>))]
[JsonSerializable(typeof(IReadOnlyList<ModuleJson>))]
[JsonSerializable(typeof(IReadOnlyList<RegionJson>))]
[JsonSerializable(typeof(IReadOnlyList<EnvironmentJson>))]
[JsonSerializable(typeof(IReadOnlyList<FileJson>))]
[JsonSerializable(typeof(IReadOnlyList<SocketJson>))]
[JsonSerializable(typeof(IReadOnlyList<MountJson>))]
[JsonSerializable(typeof(IReadOnlyList<HandlerJson>))]
[JsonSerializable(typeof(IReadOnlyList<LogJson>))]
[JsonSerializable(typeof(ReadJson))]
[JsonSerializable(typeof(IReadOnlyList<MatchJson>))]
[JsonSerializable(typeof(WriteJson))]
[JsonSerializable(typeof(TranslateJson))]
[JsonSerializable(typeof(IReadOnlyList<SymbolJson>))]
[JsonSerializable(typeof(TypeJson))]
[JsonSerializable(typeof(IReadOnlyList<JsonObject>))]
[JsonSerializable(typeof(SegmentJson))]
[JsonSerializable(typeof(TableJson))]
[JsonSerializable(typeof(IReadOnlyList<InstructionJson>))]
[JsonSerializable(typeof(TraceJson))]
[JsonSerializable(typeof(ModuleTraceJson))]
[JsonSerializable(typeof(ProfileJson))]
[JsonSerializable(typeof(BreakJson))]
[JsonSerializable(typeof(WatchJson))]
[JsonSerializable(typeof(StepJson))]
internal sealed partial class CliJson : JsonSerializerContext;
