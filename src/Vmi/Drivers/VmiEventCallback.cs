namespace Vmi;

/// <summary>Answers an event. The event, and its registers, are valid until it returns.</summary>
public delegate VmiEventResponse VmiEventCallback(VmiEvent vmiEvent);
