/**
 * Named moments between two steps that must not come apart. In the program nothing happens there; the crash harness
 * ends the process at one of them.
 */
export type FaultPoint = (name: string) => void;

export const noFaultPoint: FaultPoint = () => {};
