namespace Vmi.Amd64;

/// <summary>What is known of exceptions.</summary>
public static class ExceptionVectorExtensions
{
    extension(ExceptionVector vector)
    {
        /// <summary>Whether the CPU pushes an error code (#DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX).</summary>
        public bool HasErrorCode => vector is ExceptionVector.DoubleFault
            or ExceptionVector.InvalidTss
            or ExceptionVector.SegmentNotPresent
            or ExceptionVector.StackSegmentFault
            or ExceptionVector.GeneralProtection
            or ExceptionVector.PageFault
            or ExceptionVector.AlignmentCheck
            or ExceptionVector.ControlProtection
            or ExceptionVector.VmmCommunication
            or ExceptionVector.Security;
    }
}
